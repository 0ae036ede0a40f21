"""Fixtures that keep the tests of screens quick."""

import threading
from pathlib import Path
from typing import Any

import pytest

from bear_tui.run.folder import RunFolder
from bear_tui.tui.session import engine, export
from bear_tui.tui.toolkit.private_names import active


@pytest.fixture(autouse=True)
def _no_measured_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip measuring a training step on Model; a test that needs the estimate sets its own."""

    def unknown(*_: Any) -> None:
        return None

    monkeypatch.setattr(engine, "estimate", unknown)


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redraw Train as often as on a machine with many processors."""
    monkeypatch.setattr("bear_tui.tui.screens.train.cpus", lambda: 16)


@pytest.fixture
def goes_on(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """An export is written when this is set."""
    goes_on, write = threading.Event(), export.write

    def slowly(folder: RunFolder, kind: str, out: Path) -> str:
        goes_on.wait(60)
        return write(folder, kind, out)

    monkeypatch.setattr(export, "write", slowly)
    return goes_on


@pytest.fixture(autouse=True)
def _skips_what_is_not_replaced(request: pytest.FixtureRequest) -> None:
    """With `BEAR_TUI_PLAIN` a test about a replacement has nothing to look at."""
    for mark in request.node.iter_markers("replaces"):
        for part in mark.args:
            if not active(part):
                pytest.skip(f"stock Textual serves in place of {part}")
