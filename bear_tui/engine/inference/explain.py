"""Where a network looked: Grad-CAM (Selvaraju et al. 2017) on its last spatial layer."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from bear_tui.data.photos.photo import PhotoError
from bear_tui.engine.inference.predict import Predictor
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.models.builder import head_name
from bear_tui.errors import Failure

_FAR_ENOUGH = 16
"""Outputs looked at from the last one back; a Vision Transformer's tenth is used by the head."""

Heat = tuple[tuple[float, ...], ...]
"""Rows of a grid over the square photo, from the top; 0 for nothing, 1 for the most."""


def heat_map(predictor: Predictor, photo: Path, class_index: int) -> Heat:
    """What in the photo spoke for a class, as finely as the network's last spatial layer sees.

    Raises Failure where the photo cannot be read or the network has no spatial layer.
    """
    try:
        pixels = predictor.pixels(photo)
    except PhotoError as error:
        raise Failure(f"{photo}: {error.detail}.") from None
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None].to(predictor.compute.device)
    found = grad_cam(predictor.model, normalise(image, predictor.statistics), class_index)
    if found is None:
        raise Failure("this model has no layer that keeps places apart, so no heat map.")
    return tuple(tuple(row) for row in found.tolist())


def grad_cam(model: nn.Module, image: Tensor, class_index: int) -> Tensor | None:
    """The heat `[height, width]` of one normalised image `[1, 3, size, size]`, at most 1.

    All zero where nothing spoke for the class. None where no layer before the head has a height
    and a width.
    """
    modes = {module: module.training for module in model.modules()}
    learns = {parameter: parameter.requires_grad for parameter in model.parameters()}
    model.eval().requires_grad_(False)
    try:
        with torch.enable_grad(), _spatial_outputs(model) as outputs:
            # The image is what needs a gradient, so that every layer's output has one.
            logits = model(image.clone().requires_grad_())
            for output in outputs[: -_FAR_ENOUGH - 1 : -1]:
                (gradient,) = torch.autograd.grad(
                    logits[0, class_index], output, retain_graph=True, allow_unused=True
                )
                # A Vision Transformer's last outputs at the places are not used: go further back.
                if gradient is not None and bool(_as_places(gradient).any()):
                    return _heat(_as_places(output.detach()), _as_places(gradient))
            return torch.zeros(_as_places(outputs[-1]).shape[:2]) if outputs else None
    finally:
        for module, training in modes.items():
            module.training = training
        for parameter, wanted in learns.items():
            parameter.requires_grad_(wanted)


def _heat(values: Tensor, gradient: Tensor) -> Tensor:
    """Channels weighted by their mean gradient; what speaks against the class is left out."""
    weights = gradient.mean(dim=(0, 1))
    heat = (values * weights).sum(dim=2).clamp_min(0).float().cpu()
    most = float(heat.max())
    return heat / most if most > 0 else heat


@contextmanager
def _spatial_outputs(model: nn.Module) -> Iterator[list[Tensor]]:
    """What each module before the head gives that has places, in the order they finish."""
    found: list[Tensor] = []
    before_head = True

    def head_begins(_module: nn.Module, _inputs: object) -> None:
        nonlocal before_head
        before_head = False

    def after(module: nn.Module, _inputs: object, output: object) -> None:
        # Adaptive pooling may repeat one value over a whole grid: those are no places.
        pooled = isinstance(module, nn.AdaptiveAvgPool2d)
        if before_head and not pooled and isinstance(output, Tensor) and _has_places(output):
            found.append(output)

    handles = [module.register_forward_hook(after) for module in model.modules()]
    head = model.get_submodule(head_name(model))
    handles.append(head.register_forward_pre_hook(head_begins))
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def _has_places(output: Tensor) -> bool:
    """Whether it is of one photo, with a height and width of 2 or more, or tokens in a square."""
    if output.shape[0] != 1 or not output.requires_grad:
        return False
    if output.dim() == 4:
        height, width, _ = _as_places(output).shape
        return height == width >= 2
    return output.dim() == 3 and math.isqrt(output.shape[1] - 1) ** 2 == output.shape[1] - 1 >= 4


def _as_places(output: Tensor) -> Tensor:
    """`[height, width, channels]` of a layer's output, whichever way it has them.

    Swin keeps the channels last; a Vision Transformer has a row a place, after the class token.
    """
    if output.dim() == 3:
        side = math.isqrt(output.shape[1] - 1)
        return output[0, 1:].reshape(side, side, -1)
    channels_last = output.shape[1] == output.shape[2] != output.shape[3]
    return output[0] if channels_last else output[0].permute(1, 2, 0)
