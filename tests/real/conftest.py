"""The real photos and weights that lie beside a checkout, not in it."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos, awkward files and weights; skips where it is absent."""
    if not _SHARED.is_dir():
        pytest.skip("the real photos are not beside this checkout")
    return _SHARED
