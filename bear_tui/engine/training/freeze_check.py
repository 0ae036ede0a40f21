"""Check that training changes exactly the layers that are not frozen."""

import hashlib
import logging
from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from bear_tui.engine.models import freezing
from bear_tui.errors import Failure
from bear_tui.run.events import LayersProved

log = logging.getLogger(__name__)

_ENOUGH_STEPS = 8
"""With stochastic depth, a block may be skipped for every photo of fewer steps."""


class FreezeCheck:
    """A model as it was before its first step, to compare it with later.

    It keeps a digest of each tensor, which takes no memory; SHA-256 reads about 2 GiB a second.
    """

    def __init__(self, model: nn.Module, before: Mapping[str, str] | None = None) -> None:
        """`before` are the digests of a check that began in another process."""
        self._model = model
        self.before = dict(before or {name: _digest(tensor) for name, tensor in _tensors(model)})
        self._too_early = ""

    def event(self, epoch: int, steps: int) -> LayersProved | None:
        """Return the event that all is well after `steps` steps; None where it is too early.

        Raises Failure where a frozen tensor has changed, or a trainable layer has not.
        """
        changed = {
            name
            for name, tensor in _tensors(self._model)
            if _digest(tensor) != self.before.get(name)
        }
        learning = {n: p for n, p in self._model.named_parameters() if p.requires_grad}
        touched = sorted(changed - set(learning) - set(freezing.statistics(self._model)))
        if touched:
            raise Failure(
                f"{', '.join(touched[:3])}: frozen, but changed in training; this is a fault of "
                "bear-tui, and the figures of this run are not to be trusted."
            )
        # A BatchNorm's statistics move with every photo, whether or not the layer learns.
        moved = {_layer(name) for name in changed & set(learning)}
        still = list(dict.fromkeys(_layer(n) for n in learning if _layer(n) not in moved))
        if still and steps < _ENOUGH_STEPS:
            self._too_early = (
                f"{steps} steps are too few to prove that all unfrozen layers learn: "
                f"{', '.join(still[:3])} did not move yet."
            )
            return None
        if still:
            raise Failure(
                f"{', '.join(still[:3])}: unfrozen, but not changed by {steps} steps; raise the "
                "learning rate, or leave out layers that the photos do not pass."
            )
        trainable = sum(parameter.numel() for parameter in learning.values())
        total = sum(parameter.numel() for parameter in self._model.parameters())
        return LayersProved(epoch, total - trainable, trainable)

    def log_if_too_early(self) -> None:
        """Log it if the training ended before the check could be made."""
        if self._too_early:
            log.info(self._too_early)


def _tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


def _layer(name: str) -> str:
    return name.rpartition(".")[0] or name


def _digest(tensor: Tensor) -> str:
    values = tensor.detach().cpu()
    # In the order of memory, else channels-last weights would be copied first.
    if values.dim() == 4:
        values = values.permute(0, 2, 3, 1)
    return hashlib.sha256(values.contiguous().numpy().data).hexdigest()
