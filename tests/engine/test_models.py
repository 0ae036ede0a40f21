import pytest
import torch
from torch import nn

from bear_tui.catalog import MODELS
from bear_tui.engine.models import builder, freezing, summary
from bear_tui.errors import BadInput
from bear_tui.layers import for_classes, stages

pytestmark = pytest.mark.slow  # together more than half a minute


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_described_without_its_weights(name: str) -> None:
    size = MODELS[name].image_size
    layers = summary.describe(name, size, 7, "head")
    head = [layer for layer in layers if layer.trainable]
    assert len(head) == 1
    assert head[0] == [layer for layer in layers if layer.parameters][-1]
    assert head[0].output_shape is not None
    assert head[0].output_shape[0] == 7
    assert all(layer.output_shape for layer in layers)
    assert len(stages(layers)) >= 3


@pytest.mark.parametrize(
    ("name", "size"), [("mlp", 16), ("vgg16-scratch", 32), ("squeezenet1_1", 64), ("vit_b_32", 64)]
)
def test_the_rows_hold_every_parameter_once_and_the_head_gives_the_classes(
    name: str, size: int
) -> None:
    model = builder.build(name, 5, size).eval()
    layers = summary.describe(name, size, 5, "all")
    assert sum(layer.parameters for layer in layers) == freezing.parameter_counts(model)[1]
    with torch.no_grad():
        assert model(torch.zeros(2, 3, size, size)).shape == (2, 5)


@pytest.mark.parametrize(("size", "inputs"), [(32, 512), (224, 25_088), (228, 25_088)])
def test_vgg16_from_scratch_follows_the_image_size(size: int, inputs: int) -> None:
    layers = {layer.name: layer for layer in summary.describe("vgg16-scratch", size, 2, "all")}
    assert layers["classifier.1"].parameters == inputs * 4096 + 4096
    assert sum(layer.type == "Conv2d" for layer in layers.values()) == 13
    assert sum(layer.type == "MaxPool2d" for layer in layers.values()) == 5
    assert not any("Adaptive" in layer.type for layer in layers.values())


def test_the_mlp_has_two_hidden_layers_of_128_and_256() -> None:
    linear = [layer for layer in summary.describe("mlp", 32, 2, "all") if layer.type == "Linear"]
    assert [layer.output_shape for layer in linear] == [(128,), (256,), (2,)]
    assert linear[0].parameters == 3 * 32 * 32 * 128 + 128


def test_auxiliary_classifiers_are_left_out() -> None:
    names = [name for name, _ in builder.build("googlenet", 3, 64).named_parameters()]
    assert not [name for name in names if builder.is_auxiliary(name)]
    assert builder.head_name(builder.build("googlenet", 3, 64)) == "fc"


def test_only_what_the_spec_names_learns() -> None:
    model = builder.build("resnet18", 3, 64)
    freezing.freeze(model, "layer4,bn1")
    learning = {name.split(".")[0] for name, p in model.named_parameters() if p.requires_grad}
    assert learning == {"layer4", "bn1", "fc"}


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("resnet18", "*.bias"),
        ("vgg11", "features.0.bias,classifier.0"),
        ("vit_b_32", "*.self_attention.in_proj_bias,class_token"),
        ("swin_t", "features.1"),
    ],
)
def test_what_is_told_to_learn_is_what_learns_to_the_last_number(name: str, spec: str) -> None:
    model = builder.build(name, 3, 64)
    freezing.freeze(model, spec)
    layers = summary.describe(name, 64, 3, spec)
    told = [sum(one.parameters for one in layers if one.trainable == wanted) for wanted in (1, 0)]
    trainable, total = freezing.parameter_counts(model)
    assert told == [trainable, total - trainable]


def test_a_layer_of_which_only_the_bias_learns_has_a_row_for_each_parameter() -> None:
    layers = summary.describe("vgg11", 64, 2, "features.0.bias")
    assert [(one.name, one.parameters, one.trainable) for one in layers[:3]] == [
        ("features.0.weight", 1728, False),
        ("features.0.bias", 64, True),
        ("features.1", 0, False),
    ]
    assert {(one.type, one.output_shape) for one in layers[:2]} == {("Conv2d", (64, 64, 64))}
    assert stages(layers)[1:] == stages(summary.describe("vgg11", 64, 2, "all"))[1:]


def test_an_unknown_layer_is_a_sentence_with_near_names() -> None:
    with pytest.raises(BadInput, match=r"layer5.*layer4"):
        summary.describe("resnet18", 64, 2, "layer5")


def test_frozen_batchnorm_keeps_its_statistics_and_frozen_blocks_drop_nothing() -> None:
    model = builder.build("efficientnet_b0", 3, 64)
    freezing.freeze(model, "features.8")
    freezing.train_mode(model)
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model(torch.rand(4, 3, 64, 64))
    moved = [name for name, buffer in model.named_buffers() if not buffer.equal(before[name])]
    assert moved
    assert all(name.startswith("features.8.") for name in moved)
    modes = {name: module.training for name, module in model.named_modules()}
    assert modes["classifier.0"], "dropout before the head stays live"
    assert not modes["features.3.1.stochastic_depth"]


def test_a_batchnorm_keeps_the_statistics_of_its_weights_where_there_are_some() -> None:
    model = builder.build("resnet18", 2, 32)
    freezing.freeze(model, "all")
    freezing.keep_statistics(model, random=("layer4.1", "fc"))
    freezing.train_mode(model)
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model(torch.rand(4, 3, 32, 32)).sum().backward()
    moved = {name for name, buffer in model.named_buffers() if not buffer.equal(before[name])}
    assert moved
    assert all(name.startswith("layer4.1.") for name in moved)
    assert model.get_parameter("layer1.0.bn1.weight").grad is not None


def test_dropout_of_a_block_that_learns_stays_live() -> None:
    model = builder.build("vgg11", 2, 32)
    freezing.freeze(model, "head")
    freezing.train_mode(model)
    dropouts = [m.training for m in model.modules() if isinstance(m, nn.Dropout)]
    assert dropouts == [True, True]


def test_only_a_batchnorm_that_learns_lets_photos_influence_each_other() -> None:
    model = builder.build("resnet18", 2, 32)
    for spec, expected in (("head", False), ("all", True)):
        freezing.freeze(model, spec)
        freezing.train_mode(model)
        assert freezing.has_training_batchnorm(model) is expected


@pytest.mark.parametrize(
    "model",
    ["mlp", "vgg16-scratch", "vgg16", "resnet18", "squeezenet1_1", "mobilenet_v2", "googlenet"],
)
def test_layers_for_other_classes_are_known_without_another_trace(model: str) -> None:
    for size in (64, 96):
        layers = summary.describe(model, size, 2, "all")
        assert for_classes(layers, 2, 5) == summary.describe(model, size, 5, "all")
        assert for_classes(for_classes(layers, 2, 64), 64, 2) == layers
