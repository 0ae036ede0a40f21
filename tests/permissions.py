"""Folders that are forbidden also where the tests run as root, who may read all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def as_anyone() -> list[str]:
    """What stands before a command, so that it has no more rights than anyone."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read every folder, and `setpriv` is not here to take that away")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


@contextmanager
def forbidden(folder: Path) -> Iterator[None]:
    """No one may list the folder; afterwards its owner may, so that it can be removed."""
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(0o755)
