"""Build the catalogue's models for any number of classes."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torchvision.models import get_model

from bear_tui.catalog import find_model
from bear_tui.engine.models.networks import MLP, VGG16Scratch

# Extra outputs of GoogLeNet and Inception that help only when training them for weeks.
_AUXILIARY = ("aux1", "aux2", "AuxLogits")


def build(name: str, classes: int, image_size: int, pretrained: bool = False) -> nn.Module:
    """Return the model `name` with random weights and `classes` outputs.

    GoogLeNet and Inception come without auxiliary classifiers; with `pretrained`, they convert
    their input to the normalisation that their official weights expect.
    """
    if name == "mlp":
        return MLP(classes, image_size)
    if name == "vgg16-scratch":
        return VGG16Scratch(classes, image_size)
    family = find_model(name).family
    options: dict[str, Any] = {}
    if family in ("GoogLeNet", "Inception"):
        options = {"aux_logits": False, "init_weights": True, "transform_input": pretrained}
    elif family == "ViT":
        options = {"image_size": image_size}
    elif family == "MaxViT":
        options = {"input_size": (image_size, image_size)}
    model: nn.Module = get_model(name, weights=None, num_classes=classes, **options)
    return model


def place(model: nn.Module, name: str, device: torch.device) -> nn.Module:
    """Move the model to its device, in the memory format that is fastest."""
    model.to(device)
    if name != "mlp":
        # Convolutions run about 1.4 times as fast with the channels last, on CPU and GPU.
        model.to(memory_format=torch.channels_last)
    return model


def build_without_weights(name: str, classes: int, image_size: int) -> nn.Module:
    """Return the model with its weights on the meta device: shapes alone. Buffers are real."""
    with _WeightsOnMeta():
        return build(name, classes, image_size)


class _WeightsOnMeta(TorchFunctionMode):
    """Lets `torch.empty`, which creates every weight, take no memory; in this thread alone.

    `torch.device("meta")` fails for RegNets: they plan their widths with tensor arithmetic.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.empty:
            kwargs = {**kwargs, "device": "meta"}
        return func(*args, **kwargs)


def is_auxiliary(name: str) -> bool:
    """Whether a parameter called `name` belongs to an auxiliary classifier."""
    return name.split(".")[0] in _AUXILIARY


def head_name(model: nn.Module) -> str:
    """Return the name of the classifying layer: the last one with a weight matrix."""
    weighty: list[str] = [
        name
        for name, module in model.named_modules()
        if isinstance(getattr(module, "weight", None), Tensor) and module.weight.dim() >= 2
    ]
    return weighty[-1]
