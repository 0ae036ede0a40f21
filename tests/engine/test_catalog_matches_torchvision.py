"""The catalogue is a table of facts; the installed torchvision is what they are facts of."""

from typing import Any

import pytest
import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model_builder, get_model_weights, list_models

from bear_tui import paths
from bear_tui.catalog import MODELS
from bear_tui.engine.models import builder

COURSE = {"mlp", "vgg16-scratch"}
NAMES = list_models(module=torchvision.models)

FAMILIES = {
    "alexnet": "AlexNet",
    "convnext": "ConvNeXt",
    "densenet": "DenseNet",
    "efficientnet": "EfficientNet",
    "googlenet": "GoogLeNet",
    "inception": "Inception",
    "maxvit": "MaxViT",
    "mnasnet": "MNASNet",
    "mobilenetv2": "MobileNetV2",
    "mobilenetv3": "MobileNetV3",
    "regnet": "RegNet",
    "resnet": "ResNet",
    "shufflenetv2": "ShuffleNetV2",
    "squeezenet": "SqueezeNet",
    "swin_transformer": "Swin",
    "vgg": "VGG",
    "vision_transformer": "ViT",
}
"""By the module that torchvision builds them in."""
OWN_PAPERS = {"efficientnet_v2": "EfficientNetV2", "resnext": "ResNeXt", "swin_v2": "Swin V2"}
"""Built in the module of an older family."""


def default_weights(name: str) -> Any:
    return get_model_weights(name).DEFAULT


def test_the_catalogue_holds_every_classifier_of_torchvision_and_the_courses_own() -> None:
    assert set(MODELS) - COURSE == set(NAMES)
    assert set(MODELS) >= COURSE


@pytest.mark.parametrize("name", NAMES)
def test_a_model_stands_with_its_family(name: str) -> None:
    module = get_model_builder(name).__module__.rsplit(".", 1)[1]
    own = [family for beginning, family in OWN_PAPERS.items() if name.startswith(beginning)]
    assert [MODELS[name].family] == (own or [FAMILIES[module]])


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_are_those_of_the_default_weights(name: str) -> None:
    entry, weights = MODELS[name], default_weights(name)
    assert entry.interpolation == weights.transforms().interpolation.value
    meta = weights.meta
    assert entry.parameters == meta["num_params"]
    assert entry.minimum_size == max(meta["min_size"])
    assert entry.accuracy == meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert entry.megabytes == meta["_file_size"]
    assert entry.gigaflops == meta["_ops"]
    assert entry.weights_file == weights.url.rsplit("/", 1)[1]


@pytest.mark.parametrize("name", NAMES)
def test_photos_are_prepared_as_the_default_weights_expect(name: str) -> None:
    entry, transforms = MODELS[name], default_weights(name).transforms()
    assert [entry.image_size] == transforms.crop_size
    mean, deviation = entry.statistics
    assert list(mean) == transforms.mean
    assert list(deviation) == transforms.std


@pytest.mark.parametrize("name", sorted(COURSE))
def test_the_courses_own_networks_are_as_large_as_told(name: str) -> None:
    entry = MODELS[name]
    with torch.device("meta"):
        model = builder.build(name, 1000, entry.image_size)
        photo = torch.zeros(1, 3, entry.image_size, entry.image_size)
    assert sum(parameter.numel() for parameter in model.parameters()) == entry.parameters
    with FlopCounterMode(display=False) as counter:
        model(photo)
    # A multiply-add is counted as two operations.
    assert entry.gigaflops == pytest.approx(counter.get_total_flops() / 2e9, rel=0.05)


@pytest.mark.parametrize("name", [name for name in NAMES if MODELS[name].family == "ViT"])
def test_the_size_multiple_of_a_vision_transformer_is_its_patch(name: str) -> None:
    with torch.device("meta"):
        model = get_model_builder(name)()
    assert model.patch_size == MODELS[name].size_multiple


def test_weights_are_looked_for_where_torch_puts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for home in (None, "/elsewhere", "~/torch"):
        if home is None:
            monkeypatch.delenv("TORCH_HOME", raising=False)
        else:
            monkeypatch.setenv("TORCH_HOME", home)
        assert str(paths.torch_weights_folder()) == f"{torch.hub.get_dir()}/checkpoints"
