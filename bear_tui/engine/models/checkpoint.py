"""A run's checkpoints: everything that decides how a training continues."""

import errno
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from bear_tui import files
from bear_tui.errors import BadInput, DiskFull, Failure
from bear_tui.recipe import Framing, Interpolation

FORMAT = 2

LAST, PREVIOUS, BEST = "last.pt", "previous.pt", "best.pt"

Tensors = dict[str, Tensor]


@dataclass
class Progress:
    """Where a training stands, with the sums of its current phase.

    Random numbers follow from seed, epoch and step, so no random state is saved.
    """

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

    def __str__(self) -> str:
        return f"epoch {self.epoch}, {self.phase} step {self.step}"


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
    prefix: str = ""
    """The operations where the model is cut behind its frozen layers; empty without a cut."""
    framing: Framing = "pad"
    interpolation: Interpolation = "draft"
    unproved: dict[str, str] = field(default_factory=dict)
    """Digests of the tensors before the first step, until it is checked which of them moved."""
    views: int | None = None
    """Augmented views of a photo for epochs to take in turn; 0: new ones each; None: an old run."""


class Damaged(Failure):
    """A checkpoint whose content differs from what was saved."""


def save(path: Path, checkpoint: Checkpoint, before: Path | None = None) -> None:
    """Write the checkpoint whole or not at all; the file at `path` moves to `before`.

    Raises DiskFull where there is no room.
    """
    plain: dict[str, Any] = {
        "format": FORMAT,
        "model_name": checkpoint.model_name,
        "classes": list(checkpoint.classes),
        "image_size": checkpoint.image_size,
        "fingerprint": checkpoint.fingerprint,
        "model": checkpoint.model,
        "optimizer": checkpoint.optimizer,
        "progress": asdict(checkpoint.progress),
        "prefix": checkpoint.prefix,
        "framing": checkpoint.framing,
        "interpolation": checkpoint.interpolation,
        "unproved": checkpoint.unproved,
        "views": checkpoint.views,
    }
    # Inside the file, so that the two always belong together.
    plain["sha256"] = digest(plain)
    try:
        _check_disk_space(path, plain)
        with files.atomic(path) as file:
            torch.save(plain, file)
            if before is not None and files.exists(path):
                path.replace(before)
    except OSError as error:
        raise files.explain(error, path) from None
    except RuntimeError as error:
        # torch's zip writer reports a failed write, such as a full disk, as a RuntimeError.
        cause = error.__context__
        full = cause if isinstance(cause, OSError) else OSError(errno.ENOSPC, "", str(path))
        raise files.explain(full, path) from error


def load(path: Path) -> Checkpoint:
    """Read a checkpoint: tensors and plain values alone.

    Raises Damaged where a bit differs from what was saved, BadInput where there is no file, and
    Failure where it cannot be opened or is of another version.
    """
    try:
        file = files.open_to_read(path)
    except FileNotFoundError:
        raise BadInput(
            f"{path}: no checkpoint was saved yet; train for at least one epoch."
        ) from None
    except OSError as error:
        if error.errno in files.NO_FILE:
            raise Damaged(str(files.explain(error, path))) from None
        # The file may be whole: it just cannot be opened now.
        raise files.explain(error, path) from None
    try:
        with file:
            plain = torch.load(file, map_location="cpu", weights_only=True)
        version = plain["format"]
        if version == FORMAT:
            good = plain.pop("sha256") == digest(plain)
            return _checked(plain, good)
    except Exception:  # a damaged pickle may raise anything
        raise Damaged(f"{path}: the checkpoint is damaged; use another run.") from None
    raise Failure(f"{path}: written by another version of bear-tui; train again.")


def load_latest(folder: Path) -> tuple[Checkpoint | None, list[Path]]:
    """Return the newest good checkpoint in `folder`, and the damaged files that are newer.

    Raises Damaged where there are some and none is good.
    """
    damaged: list[Path] = []
    for path in (folder / LAST, folder / PREVIOUS):
        if files.exists(path):
            try:
                return load(path), damaged
            except Damaged:
                damaged.append(path)
    if damaged:
        names = " and ".join(path.name for path in damaged)
        raise Damaged(
            f"{folder}: {names} damaged, no checkpoint is left to resume from; start a new run."
        )
    return None, damaged


def remove_unfinished(folder: Path) -> None:
    """Delete the unfinished file of a trainer that was killed; only its successor may call this."""
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def tensors_of(model: nn.Module) -> Tensors:
    """Return the model's weights and buffers on the CPU."""
    return {name: value.detach().cpu() for name, value in model.state_dict().items()}


def copy_of(value: Any) -> Any:
    """Return a deep copy on the CPU, which training does not change."""
    if isinstance(value, Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return {key: copy_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(copy_of(item) for item in value)
    return value


def _checked(plain: dict[str, Any], good: bool) -> Checkpoint:
    if not good:
        raise ValueError("not what was saved")
    return Checkpoint(
        plain["model_name"],
        tuple(plain["classes"]),
        plain["image_size"],
        plain["fingerprint"],
        plain["model"],
        plain["optimizer"],
        Progress(**plain["progress"]),
        plain["prefix"],
        plain.get("framing", "pad"),  # older checkpoints are of padded photos
        plain.get("interpolation", "draft"),
        plain.get("unproved", {}),
        plain.get("views"),
    )


def _check_disk_space(path: Path, plain: dict[str, Any]) -> None:
    needed = sum(tensor.nbytes for tensor in _tensors(plain))
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise DiskFull(
            f"{path}: the checkpoint takes {needed / 1e6:,.1f} MB and the disk has "
            f"{free / 1e6:,.1f} MB left; free some space."
        )


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def digest(plain: dict[str, Any]) -> str:
    """Return the SHA-256 of all values and tensors, in their order."""
    digest = hashlib.sha256()
    # Tensors are hashed below; here their dtype and shape stand for them.
    digest.update(repr(_forms(plain)).encode("utf-8", "surrogateescape"))
    for tensor in _tensors(plain):
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _forms(value: Any) -> Any:
    if isinstance(value, Tensor):
        return str(value.dtype), tuple(value.shape)
    if isinstance(value, dict):
        return [(key, _forms(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_forms(item) for item in value]
    return value
