"""Load pretrained weights into a model, from torchvision's server or from a file.

A file is in PyTorch's format, read as tensors alone (`weights_only=True`), or in safetensors'.
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

_LOG_EVERY = 2.0
"""Seconds."""


@dataclass(frozen=True)
class Loaded:
    """How much of a model a weights file filled."""

    tensors: int
    missing_from_weights: tuple[str, ...]
    """Layers that the file does not have, which start from random values."""

    def sentence(self, source: str) -> str:
        """Return a sentence for the log: what was loaded and what was not."""
        if not self.missing_from_weights:
            return f"{self.tensors} tensors loaded from {source}."
        verb = "starts" if len(self.missing_from_weights) == 1 else "start"
        names = ", ".join(self.missing_from_weights)
        return f"{self.tensors} tensors loaded from {source}; {names} {verb} from random values."


def official_url(name: str) -> str:
    """Return the address of torchvision's weights of the model `name`."""
    from torchvision.models import get_model_weights

    url: str = get_model_weights(name).DEFAULT.url
    return url


def official_weights(entry: ModelEntry) -> Path:
    """Return the file of the official weights; download it if it is not on this disk yet."""
    path = entry.weights_path()
    if path is None:
        raise BadInput(f"--weights imagenet: {entry.name} has no ImageNet weights; use `none`.")
    if not files.is_file(path):
        download(official_url(entry.name), path, _progress_log(path.name, time.monotonic))
    return path


def _progress_log(name: str, clock: Callable[[], float]) -> Callable[[int, int], None]:
    """Return a callback that logs a download's progress every few seconds, with the time left."""
    started = logged = clock()
    first: int | None = None

    def progress(done: int, total: int) -> None:
        nonlocal logged, first
        first = done if first is None else first
        now = clock()
        if now - logged < _LOG_EVERY:
            return
        logged = now
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
    except BadInput:  # some disks cannot map a file into memory
        tensors = read_tensors(path)
    _fitting(wanted, tensors, model, path)


def read_tensors(path: Path, header: bool = False) -> dict[str, Tensor]:
    """Return the tensors of a weights file, or of a checkpoint that holds them one level down.

    `header`: if the format allows it, their numbers stay on the disk until they are used. Raises
    BadInput for a file that is missing, damaged, malicious or something else.
    """
    option = f"--weights {path}"
    if not files.is_file(path):
        raise BadInput(f"{option}: no such file; check the path.")
    try:
        content = _content(path, header)
    except pickle.UnpicklingError:
        raise BadInput(
            f"{option}: refused, because it holds more than tensors and could run code; if you "
            "trust it, save it again with `torch.save(model.state_dict(), FILE)`."
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
    """Return the content of a file; its first bytes decide on the format, not its name."""
    with path.open("rb") as file, warnings.catch_warnings():
        start = file.read(9)
        file.seek(0)
        if start[8:] == b"{":  # the JSON header of safetensors, after eight bytes for its length
            try:
                with safe_open(path, framework="pt") as tensors:
                    names = tensors.keys()  # it cannot be iterated over itself
                    return {name: tensors.get_tensor(name) for name in names}
            except (OSError, RuntimeError):  # a disk that cannot map a file into memory
                return safetensors.torch.load(file.read())
        if not start.startswith((b"PK", b"\x80")):
            raise ValueError("neither a zip file nor a pickle")
        warnings.simplefilter("ignore")  # torch warns its developers of old pickles
        mapped = header and zipfile.is_zipfile(path)
        # Torch maps only a path into memory, but judges a path's format by its ending.
        source = path if mapped else file
        return torch.load(source, map_location="cpu", weights_only=True, mmap=mapped)


def load_into(model: nn.Module, tensors: dict[str, Tensor], model_name: str, path: Path) -> Loaded:
    """Copy the tensors that fit into `model`, without auxiliary classifiers.

    The head may have other classes, and whole parts may be missing. Raises BadInput if the file is
    for another model.
    """
    fitting, missing = _fitting(model, tensors, model_name, path)
    head = head_name(model)
    model.load_state_dict(fitting, strict=False)
    # Name the largest part without weights, such as `classifier`, or only the head.
    others = {name.split(".")[0] for name in missing if name.rpartition(".")[0] != head}
    parts = dict.fromkeys(
        part if (part := name.split(".")[0]) in others else head for name in missing
    )
    return Loaded(len(fitting), tuple(parts))


def _fitting(
    model: nn.Module, tensors: dict[str, Tensor], model_name: str, path: Path
) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors that fit, and the names of the model's tensors that the file lacks."""
    head = head_name(model)
    own = model.state_dict()
    given = {name: tensor for name, tensor in tensors.items() if not is_auxiliary(name)}
    fitting = {
        name: tensor
        for name, tensor in given.items()
        if name in own and own[name].shape == tensor.shape
    }
    foreign = [name for name in given if name not in fitting and name.rpartition(".")[0] != head]
    missing = [name for name in own if name not in fitting and not _is_counter(name)]
    parts = {name.split(".")[0] for name in fitting if name.rpartition(".")[0] != head}
    torn = [n for n in missing if n.split(".")[0] in parts and n.rpartition(".")[0] != head]
    if foreign or torn or not parts:
        example = (foreign or torn or list(given))[0]
        raise BadInput(
            f"--weights {path}: not for {model_name}: {len(fitting)} of {len(own)} tensors fit, "
            f"`{example}` does not; choose the weights file of this model, or the file's --model."
        )
    return fitting, missing


def _is_counter(name: str) -> bool:
    # BatchNorm has counted batches since torch 0.4.1; older files lack this entry.
    return name.endswith("num_batches_tracked")
