"""Heat maps: Grad-CAM (Selvaraju et al., 2017) on a network's last spatial layer."""

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

_MOST_OUTPUTS = 16
"""Outputs tried from the last one back; of a Vision Transformer, the head uses the tenth."""

Heat = tuple[tuple[float, ...], ...]
"""Rows of a grid over the square photo, from the top; from 0 to 1."""


def heat_map(predictor: Predictor, photo: Path, class_index: int) -> Heat:
    """Return which parts of a photo speak for a class, at the resolution of the last spatial layer.

    Raises Failure where the photo cannot be read, or the network has no spatial layer.
    """
    try:
        pixels = predictor.pixels(photo)
    except PhotoError as error:
        raise Failure(f"{photo}: {error.detail}.") from None
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None].to(predictor.compute.device)
    heat = grad_cam(predictor.model, normalise(image, predictor.statistics), class_index)
    if heat is None:
        raise Failure("this model has no layer that keeps places apart, so no heat map.")
    return tuple(tuple(row) for row in heat.tolist())


def grad_cam(model: nn.Module, image: Tensor, class_index: int) -> Tensor | None:
    """Return the heat `[height, width]`, at most 1, of one normalised image `[1, 3, size, size]`.

    All zero where nothing speaks for the class. None where no layer before the head is spatial.
    """
    modes = {module: module.training for module in model.modules()}
    learns = {parameter: parameter.requires_grad for parameter in model.parameters()}
    model.eval().requires_grad_(False)
    try:
        with torch.enable_grad(), _spatial_outputs(model) as outputs:
            # The image requires a gradient, so that every layer's output has one.
            logits = model(image.clone().requires_grad_())
            for output in outputs[: -_MOST_OUTPUTS - 1 : -1]:
                (gradient,) = torch.autograd.grad(
                    logits[0, class_index], output, retain_graph=True, allow_unused=True
                )
                # A Vision Transformer's last patch outputs are not used: try earlier ones.
                if gradient is not None and bool(_as_grid(gradient).any()):
                    return _heat(_as_grid(output.detach()), _as_grid(gradient))
            return torch.zeros(_as_grid(outputs[-1]).shape[:2]) if outputs else None
    finally:
        for module, training in modes.items():
            module.training = training
        for parameter, wanted in learns.items():
            parameter.requires_grad_(wanted)


def _heat(values: Tensor, gradient: Tensor) -> Tensor:
    """Return the channels weighted by their mean gradients; negative sums become 0."""
    weights = gradient.mean(dim=(0, 1))
    heat = (values * weights).sum(dim=2).clamp_min(0).float().cpu()
    most = float(heat.max())
    return heat / most if most > 0 else heat


@contextmanager
def _spatial_outputs(model: nn.Module) -> Iterator[list[Tensor]]:
    """Collect the spatial outputs of modules before the head, in the order of computation."""
    outputs: list[Tensor] = []
    before_head = True

    def enter_head(_module: nn.Module, _inputs: object) -> None:
        nonlocal before_head
        before_head = False

    def after(module: nn.Module, _inputs: object, output: object) -> None:
        # Adaptive pooling may repeat one value over a whole grid, which is not spatial.
        pooled = isinstance(module, nn.AdaptiveAvgPool2d)
        if before_head and not pooled and isinstance(output, Tensor) and _is_spatial(output):
            outputs.append(output)

    handles = [module.register_forward_hook(after) for module in model.modules()]
    head = model.get_submodule(head_name(model))
    handles.append(head.register_forward_pre_hook(enter_head))
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def _is_spatial(output: Tensor) -> bool:
    """Whether it has a height and width of 2 or more, or tokens that form a square."""
    if output.shape[0] != 1 or not output.requires_grad:
        return False
    if output.dim() == 4:
        height, width, _ = _as_grid(output).shape
        return height == width >= 2
    return output.dim() == 3 and math.isqrt(output.shape[1] - 1) ** 2 == output.shape[1] - 1 >= 4


def _as_grid(output: Tensor) -> Tensor:
    """Return a layer's output as `[height, width, channels]`.

    Swin has its channels last; a Vision Transformer has a row per patch, after the class token.
    """
    if output.dim() == 3:
        side = math.isqrt(output.shape[1] - 1)
        return output[0, 1:].reshape(side, side, -1)
    channels_last = output.shape[1] == output.shape[2] != output.shape[3]
    return output[0] if channels_last else output[0].permute(1, 2, 0)
