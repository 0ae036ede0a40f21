"""Folders without read permission, also where the tests run as root."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def as_anyone() -> list[str]:
    """Return what to put before a command so that it cannot read everything as root can."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read every folder, and `setpriv` is not here to take that away")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


@contextmanager
def forbidden(folder: Path) -> Iterator[None]:
    """Take all permissions off a folder inside the block."""
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(0o755)
