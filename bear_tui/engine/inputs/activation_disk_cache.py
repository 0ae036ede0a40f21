"""Activations of frozen layers, kept in the cache folder for later runs.

A run with another learning rate or more epochs, or the same run in the background, needs the same
activations.
"""

import contextlib
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bear_tui import files, paths
from bear_tui.engine.models import checkpoint

log = logging.getLogger(__name__)

_FORMAT = 2

LIMIT = 4 * 10**9
"""Bytes that all files together may take; the least recently used ones are deleted."""

_DISK_SHARE = 0.1
"""The share of the free disk that one file may take."""


def key_of(facts: dict[str, Any], tensors: Iterable[Tensor]) -> str:
    """Return a name for activations that depend on all of these, to the last bit."""
    digest = hashlib.sha256(json.dumps([_FORMAT, facts], sort_keys=True).encode())
    for tensor in tensors:
        plain = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(plain.view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load(key: str) -> tuple[list[Tensor], list[int]] | None:
    """Return the rows kept under this key, and which photos were unreadable; None without any."""
    path = _path(key)
    if not files.is_file(path):
        return None
    try:
        plain = torch.load(path, map_location="cpu", weights_only=True)
        if plain.pop("sha256") != checkpoint.digest(plain):
            raise ValueError("not what was saved")
    except Exception:  # a damaged pickle may raise anything
        log.info("%s: damaged; the frozen layers are computed anew.", path)
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # used now: others are deleted before it
    return plain["rows"], plain["unreadable"]


def has_room(needed: int) -> bool:
    """Whether there is room for so many bytes."""
    folder = paths.values_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return needed <= min(LIMIT, int(_DISK_SHARE * shutil.disk_usage(folder).free))
    except OSError as error:
        log.info("%s: nothing is kept for later runs (%s).", folder, error)
        return False


def save(key: str, rows: Sequence[Tensor], unreadable: Sequence[int]) -> None:
    """Write the rows if they fit, and delete the least recently used files to make room."""
    path = _path(key)
    needed = sum(row.nbytes for row in rows)
    if not has_room(needed):
        return
    try:
        _clean(path.parent, LIMIT - needed)
        plain: dict[str, Any] = {"rows": list(rows), "unreadable": list(unreadable)}
        plain["sha256"] = checkpoint.digest(plain)
        with files.atomic(path) as file:
            torch.save(plain, file)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        log.info("%s: not kept for later runs (%s).", path, error)


def _path(key: str) -> Path:
    return paths.values_folder() / f"{key[:32]}.pt"


def _clean(folder: Path, limit: int) -> None:
    """Delete the least recently used files until the rest take at most `limit` bytes."""
    kept = []
    for path in (*folder.glob("*.pt"), *folder.glob(".*.part")):
        with contextlib.suppress(OSError):  # another run has deleted it
            status = path.stat()
            kept.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in kept)
    for _, size, path in sorted(kept):
        if total <= limit:
            return
        path.unlink(missing_ok=True)
        total -= size
