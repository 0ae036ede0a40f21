"""What keeps the screens' tests quick."""

from typing import Any

import pytest

from bear_tui.tui import feed


@pytest.fixture(autouse=True)
def _no_measured_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Model screen measures a step in the background; a test that wants one sets its own."""

    def unknown(*_: Any) -> None:
        return None

    monkeypatch.setattr(feed, "estimate", unknown)
