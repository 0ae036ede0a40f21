"""Proof that training changed just the layers that were to learn."""

import hashlib
from collections.abc import Iterator

from torch import Tensor, nn

from bear_tui.errors import Failure
from bear_tui.run.events import LayersProved

_ENOUGH_STEPS = 8
"""A block that is left out at random may be missed by every photo of fewer steps."""


class Proof:
    """What a model was before its first step, to hold it against afterwards.

    A digest stands for each tensor, so it takes no memory; SHA-256 reads about 2 GiB a second.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._before = {name: _digest(tensor) for name, tensor in _tensors(model)}

    def event(self, epoch: int, steps: int) -> LayersProved | None:
        """That all is as it should be, after `steps` steps; None where it is too early to tell.

        Raises Failure where a frozen tensor has changed or a layer that was to learn has not.
        """
        changed = {n for n, tensor in _tensors(self._model) if _digest(tensor) != self._before[n]}
        learning = {n: p for n, p in self._model.named_parameters() if p.requires_grad}
        touched = sorted(changed - set(learning) - _statistics(self._model))
        if touched:
            raise Failure(
                f"{', '.join(touched[:3])}: frozen, but changed in training; this is a fault of "
                "bear-tui, and the figures of this run are not to be trusted."
            )
        moved = {_layer(name) for name in changed}
        still = list(dict.fromkeys(_layer(n) for n in learning if _layer(n) not in moved))
        if still and steps < _ENOUGH_STEPS:
            return None
        if still:
            raise Failure(
                f"{', '.join(still[:3])}: unfrozen, but not changed by {steps} steps; raise the "
                "learning rate, or leave out layers that the photos do not pass."
            )
        trainable = sum(parameter.numel() for parameter in learning.values())
        total = sum(parameter.numel() for parameter in self._model.parameters())
        return LayersProved(epoch, total - trainable, trainable)


def _tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


def _statistics(model: nn.Module) -> set[str]:
    """Buffers of modules that learn, such as the running mean of a BatchNorm: free to move."""
    return {
        f"{path}.{name}" if path else name
        for path, module in model.named_modules()
        if any(parameter.requires_grad for parameter in module.parameters())
        for name, _ in module.named_buffers(recurse=False)
    }


def _layer(name: str) -> str:
    return name.rpartition(".")[0] or name


def _digest(tensor: Tensor) -> bytes:
    values = tensor.detach().cpu()
    # In the order in which they lie in memory, else channels-last weights are copied first.
    if values.dim() == 4:
        values = values.permute(0, 2, 3, 1)
    return hashlib.sha256(values.contiguous().numpy().data).digest()
