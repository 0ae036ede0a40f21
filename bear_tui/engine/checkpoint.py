"""What the trainer saves: everything that decides how the training goes on."""

import errno
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from bear_tui import files
from bear_tui.errors import BadInput, Failure

FORMAT = 1

Tensors = dict[str, Tensor]


@dataclass
class Progress:
    """Where a training stands. Random numbers follow from seed, epoch and step, so they are
    not saved; sums are those of the phase that was going on."""

    epoch: int = 1
    phase: str = "train"
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    count: int = 0
    seconds: float = 0.0
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    best_epoch: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """One file of `checkpoints/`."""

    model_name: str
    classes: tuple[str, ...]
    image_size: int
    fingerprint: str
    model: Tensors
    optimizer: dict[str, Any] | None
    progress: Progress


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint whole or not at all. Raises Failure where the disk is full."""
    plain = {
        "format": FORMAT,
        "model_name": checkpoint.model_name,
        "classes": list(checkpoint.classes),
        "image_size": checkpoint.image_size,
        "fingerprint": checkpoint.fingerprint,
        "model": checkpoint.model,
        "optimizer": checkpoint.optimizer,
        "progress": asdict(checkpoint.progress),
    }
    try:
        with files.atomic(path) as file:
            torch.save(plain, file)
    except OSError as error:
        raise files.explain(error, path) from None
    except RuntimeError as error:
        # torch's zip writer reports a failed write, such as a full disk, as a RuntimeError.
        cause = error.__context__
        full = cause if isinstance(cause, OSError) else OSError(errno.ENOSPC, "", str(path))
        raise files.explain(full, path) from error


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, as tensors and plain values alone."""
    if not path.is_file():
        raise BadInput(f"{path}: no checkpoint was saved yet; train for at least one epoch.")
    try:
        plain = torch.load(path, map_location="cpu", weights_only=True)
        if plain["format"] != FORMAT:
            raise Failure(f"{path}: written by another version of bear-tui; train again.")
        return Checkpoint(
            plain["model_name"],
            tuple(plain["classes"]),
            plain["image_size"],
            plain["fingerprint"],
            plain["model"],
            plain["optimizer"],
            Progress(**plain["progress"]),
        )
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, ImportError):
        raise Failure(f"{path}: the checkpoint is damaged; use another run.") from None


def tensors_of(model: nn.Module) -> Tensors:
    """The model's weights and buffers, on the CPU, in a plain dictionary."""
    return {name: value.detach().cpu() for name, value in model.state_dict().items()}
