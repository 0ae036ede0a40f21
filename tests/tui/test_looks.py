"""How every screen looks in every state at three sizes.

`pytest tests/tui/test_looks.py --snapshot-update` writes the looks anew; read the difference.
With BEAR_PICTURES=FOLDER each is drawn there too, as an SVG that a browser shows.
"""

import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.tui.scenes import SCENES, SIZES, make_fixture
from tests.tui.snapshot import still_look

pytestmark = pytest.mark.slow  # together more than half a minute


class TextFile(SingleFileSnapshotExtension):
    """A file of text for each scene."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


THEMED = (
    *(("dataset_problem", theme) for theme in ("bear-light", "bear-contrast")),
    *(("train_events", theme) for theme in ("bear-light", "bear-contrast")),
    ("results_done", "solarized-light"),
)
"""Scenes in the other themes of the app and in one of Textual's own; all are in the dark one."""


@pytest.mark.parametrize("scene", sorted(SCENES))
async def test_look(scene: str, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    assert snapshot(extension_class=TextFile) == await looks(scene, tmp_path)


@pytest.mark.parametrize(("scene", "theme"), THEMED)
async def test_look_in_another_theme(
    scene: str, theme: str, snapshot: SnapshotAssertion, tmp_path: Path
) -> None:
    assert snapshot(extension_class=TextFile) == await looks(scene, tmp_path, theme)


async def looks(scene: str, home: Path, theme: str = "") -> str:
    """At the three sizes, one after the other."""
    found = []
    async with make_fixture(home, theme) as fixture:
        app, prepare = SCENES[scene](fixture)
        notices = scene.startswith("notice")  # what ends after seconds would stand in some
        async with app.run_test(size=SIZES[0], notifications=notices) as pilot:
            await prepare(pilot)
            for width, height in SIZES:
                await pilot.resize_terminal(width, height)
                found.append(f"{width} x {height}\n\n{await still_look(pilot)}")
                if folder := os.environ.get("BEAR_PICTURES"):
                    name = f"{'-'.join(filter(None, (scene, theme)))}-{width}x{height}.svg"
                    (Path(folder) / name).write_text(app.export_screenshot(title=scene))
            fixture.end(app)
    return "\n".join(found)
