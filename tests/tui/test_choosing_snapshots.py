"""How screens 1 and 2 look: empty, loading, error and done, in two sizes.

`pytest tests/tui/test_choosing_snapshots.py --snapshot-update` draws them anew; look at each.
"""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from textual.pilot import Pilot

from bear_tui.data.dataset import open_dataset
from bear_tui.errors import BadInput
from bear_tui.layers import Layer
from bear_tui.tui import feed
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.widgets.path_input import PathInput
from tests.tui.little_folders import class_folders, settle
from tests.tui.little_models import resnet, vgg

Compare: TypeAlias = Callable[..., bool]
Before: TypeAlias = Callable[[Pilot[Any]], Awaitable[None]]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(autouse=True)
def _described(monkeypatch: pytest.MonkeyPatch) -> None:
    def layers(model: str, size: int, classes: int, _spec: str) -> list[Layer]:
        return vgg(classes, size) if model.startswith("vgg") else resnet(classes)

    monkeypatch.setattr(feed, "layers", layers)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BearApp:
    here = tmp_path / "photos"
    for name in ("bears", "cats"):
        (here / name).mkdir(parents=True)
    monkeypatch.chdir(here)
    return BearApp(runs=tmp_path / "runs")


def never(app: BearApp) -> Callable[..., None]:
    """Work that goes on as long as the app does."""

    def work(*_: Any) -> None:
        while not app._exit:
            time.sleep(0.02)

    return work


def opened(app: BearApp, folder: Path, *keys: str) -> Before:
    """Screen 1 on a folder whose place, which differs from test to test, is not shown."""

    async def before(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(folder)
        await settle(pilot)
        app.screen.query_one(PathInput).value = "~/photos/bears"
        await pilot.press(*keys)
        await settle(pilot)

    return before


def on_model(app: BearApp, photos: Path | None, *keys: str) -> Before:
    """Screen 2, with photos or without."""

    async def before(pilot: Pilot[Any]) -> None:
        if photos is not None:
            app.dataset = open_dataset(photos)
        await pilot.press("2")
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return before


@SIZES
def test_dataset_empty(app: BearApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=settle)


def test_dataset_error(app: BearApp, snap_compare: Compare) -> None:
    missing = Path("/no/such/folder")
    assert snap_compare(app, terminal_size=(80, 24), run_before=opened(app, missing))


def test_dataset_checking(
    app: BearApp,
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from bear_tui.data import check

    monkeypatch.setattr(check, "check", never(app))

    async def before(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, DatasetScreen)
        app.screen.open_folder(class_folders(tmp_path / "set"))
        await pilot.pause(0.5)
        app.screen.query_one(PathInput).value = "~/photos/bears"
        await pilot.pause(0.2)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


@SIZES
def test_dataset_done(
    app: BearApp, snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    folder = class_folders(tmp_path / "set")
    (folder / "bear" / "empty.jpg").touch()
    (folder / "not_bear" / "web.jpg").write_text("<html>")
    assert snap_compare(app, terminal_size=size, run_before=opened(app, folder))


def test_dataset_problem(app: BearApp, snap_compare: Compare, tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "set")
    (folder / "bear" / "empty.jpg").touch()
    before = opened(app, folder, "tab")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_prepare_form(app: BearApp, snap_compare: Compare) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("p", "ctrl+r")
        await settle(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


@SIZES
def test_model_empty(app: BearApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=on_model(app, None))


def test_model_loading(
    app: BearApp,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "layers", never(app))

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        await pilot.pause(0.5)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_model_error(app: BearApp, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> list[Layer]:
        raise BadInput("torch cannot be imported; install it with `pip install torch`.")

    monkeypatch.setattr(feed, "layers", refused)
    assert snap_compare(app, terminal_size=(80, 24), run_before=on_model(app, None))


@SIZES
def test_model_ready(
    app: BearApp, snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    photos = class_folders(tmp_path / "bears")
    keys = ("slash", *"scratch", "enter", "enter", "h", "u", "u", "a", "down", "space")
    assert snap_compare(app, terminal_size=size, run_before=on_model(app, photos, *keys))


def test_model_field_in_error(app: BearApp, snap_compare: Compare, tmp_path: Path) -> None:
    photos = class_folders(tmp_path / "bears")
    keys = ("tab", "tab", "tab", "end", "backspace", "backspace", "x")
    assert snap_compare(app, terminal_size=(80, 24), run_before=on_model(app, photos, *keys))
