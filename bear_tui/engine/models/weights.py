"""Pretrained weights: from torchvision's server or a file, into a model.

A file is PyTorch's, read as tensors alone (`weights_only=True`), or in the safetensors format.
"""

import logging
import pickle
import time
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from bear_tui import files
from bear_tui.catalog import ModelEntry
from bear_tui.engine.models.builder import build_without_weights, head_name, is_auxiliary
from bear_tui.engine.models.download import download
from bear_tui.errors import BadInput

log = logging.getLogger(__name__)

_TELL_EVERY = 2.0


@dataclass(frozen=True)
class Loaded:
    """What a weights file gave to a model."""

    tensors: int
    random: tuple[str, ...]
    """Layers that the file has nothing for, which start from random values."""

    def sentence(self, source: str) -> str:
        """For the log: what was loaded and what was not."""
        if not self.random:
            return f"{self.tensors} tensors loaded from {source}."
        verb = "starts" if len(self.random) == 1 else "start"
        names = ", ".join(self.random)
        return f"{self.tensors} tensors loaded from {source}; {names} {verb} from random values."


def official_url(name: str) -> str:
    """Where torchvision keeps the official weights of the model `name`."""
    from torchvision.models import get_model_weights

    url: str = get_model_weights(name).DEFAULT.url
    return url


def official_weights(entry: ModelEntry) -> Path:
    """The official weights on this disk, downloaded if they are not there yet."""
    path = entry.weights_path()
    if path is None:
        raise BadInput(f"--weights imagenet: {entry.name} has no ImageNet weights; use `none`.")
    if not files.is_file(path):
        download(official_url(entry.name), path, _logged(path.name, time.monotonic))
    return path


def _logged(name: str, clock: Callable[[], float]) -> Callable[[int, int], None]:
    """Progress of a download as a line in the log every few seconds, with the time left."""
    started = told = clock()
    first: int | None = None

    def progress(done: int, total: int) -> None:
        nonlocal told, first
        first = done if first is None else first
        now = clock()
        if now - told < _TELL_EVERY:
            return
        told = now
        speed = (done - first) / max(now - started, 1e-9)
        left = f", {(total - done) / speed:.0f} s left" if total and speed else ""
        share = f"{done / total:.0%} of {total / 1e6:.0f} MB" if total else f"{done / 1e6:.0f} MB"
        log.info("downloading %s: %s, %.1f MB/s%s", name, share, speed / 1e6, left)

    return progress


def check_fit(path: Path, model: str, image_size: int) -> None:
    """Check that a weights file is for `model`, from names and shapes alone.

    Raises BadInput as `read_tensors` and `load_into` do.
    """
    wanted = build_without_weights(model, 2, image_size)
    try:
        tensors = read_tensors(path, header=True)
    except BadInput:  # not every disk can show a part of a file
        tensors = read_tensors(path)
    _fitting(wanted, tensors, model, path)


def read_tensors(path: Path, header: bool = False) -> dict[str, Tensor]:
    """The tensors of a weights file, or of a checkpoint that holds them one level down.

    `header`: where the format allows it, their numbers stay on the disk until they are asked for.
    Raises BadInput for a file that is missing, torn, malicious or something else.
    """
    option = f"--weights {path}"
    if not files.is_file(path):
        raise BadInput(f"{option}: no such file; check the path.")
    try:
        content = _content(path, header)
    except pickle.UnpicklingError:
        raise BadInput(
            f"{option}: refused, because it is no plain file of tensors and could run code; "
            "save it anew with `torch.save(model.state_dict(), FILE)` where you trust it."
        ) from None
    except OSError as error:
        raise BadInput(f"{option}: cannot be read: {error.strerror or error}.") from None
    except (
        *(SafetensorError, RuntimeError, EOFError),
        *(ValueError, KeyError, AttributeError, TypeError),
    ):
        raise BadInput(
            f"{option}: damaged, cut short or neither a PyTorch nor a safetensors file; "
            "download or copy it again."
        ) from None
    for key in ("model", "state_dict", "model_state_dict"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
            break
    tensors = content if isinstance(content, dict) else {}
    tensors = {
        str(key).removeprefix("module."): value
        for key, value in tensors.items()
        if isinstance(value, Tensor)
    }
    if not tensors:
        raise BadInput(f"{option}: holds no named tensors; save `model.state_dict()`.")
    return tensors


def _content(path: Path, header: bool) -> Any:
    """What the file holds: its first bytes say in which format, whatever its name is."""
    with path.open("rb") as file, warnings.catch_warnings():
        start = file.read(9)
        file.seek(0)
        if start[8:] == b"{":  # after eight bytes for its length, the header of safetensors
            if not header:
                return safetensors.torch.load(file.read())
            with safe_open(path, framework="pt") as parts:
                return {name: parts.get_tensor(name) for name in parts.keys()}  # noqa: SIM118
        if not start.startswith((b"PK", b"\x80")):
            raise ValueError("neither a zip file nor a pickle")
        warnings.simplefilter("ignore")  # of old pickles, to torch's developers
        parted = header and zipfile.is_zipfile(path)
        # Torch would believe a path's ending, and can map nothing but a path.
        source = path if parted else file
        return torch.load(source, map_location="cpu", weights_only=True, mmap=parted)


def load_into(model: nn.Module, tensors: dict[str, Tensor], model_name: str, path: Path) -> Loaded:
    """Copy what fits into `model`. The head may differ in classes; whole parts may be missing.

    Raises BadInput where the file is for another model. Auxiliary classifiers are left out.
    """
    fitting, missing = _fitting(model, tensors, model_name, path)
    head = head_name(model)
    model.load_state_dict(fitting, strict=False)
    # Name the largest whole thing without weights: a part such as `classifier`, or the head.
    others = {name.split(".")[0] for name in missing if name.rpartition(".")[0] != head}
    random = dict.fromkeys(
        part if (part := name.split(".")[0]) in others else head for name in missing
    )
    return Loaded(len(fitting), tuple(random))


def _fitting(
    model: nn.Module, tensors: dict[str, Tensor], model_name: str, path: Path
) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors that fit, and the names of those that the model has and the file lacks."""
    head = head_name(model)
    wanted = model.state_dict()
    given = {name: tensor for name, tensor in tensors.items() if not is_auxiliary(name)}
    fitting = {
        name: tensor
        for name, tensor in given.items()
        if name in wanted and wanted[name].shape == tensor.shape
    }
    foreign = [name for name in given if name not in fitting and name.rpartition(".")[0] != head]
    missing = [name for name in wanted if name not in fitting and not _is_counter(name)]
    given_parts = {name.split(".")[0] for name in fitting if name.rpartition(".")[0] != head}
    torn = [n for n in missing if n.split(".")[0] in given_parts and n.rpartition(".")[0] != head]
    if foreign or torn or not given_parts:
        example = (foreign or torn or list(given))[0]
        raise BadInput(
            f"--weights {path}: not for {model_name}: {len(fitting)} of {len(wanted)} tensors fit, "
            f"`{example}` does not; choose the file or --model that belongs to it."
        )
    return fitting, missing


def _is_counter(name: str) -> bool:
    # BatchNorm counts batches since torch 0.4.1; older files have no such entry.
    return name.endswith("num_batches_tracked")
