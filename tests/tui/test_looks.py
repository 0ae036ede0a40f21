"""How every screen looks in every state at three sizes, by the scenes of scenes.py.

`pytest tests/tui/test_looks.py --snapshot-update` writes the looks anew; read the difference.
With BEAR_PICTURES=FOLDER each is drawn there too, as an SVG that a browser shows.
"""

import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.tui.look import still_look
from tests.tui.scenes import SCENES, SIZES, stage


class TextFile(SingleFileSnapshotExtension):
    """A file of text for each scene."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


@pytest.fixture(params=sorted(SCENES))
def scene(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_look(scene: str, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    looks = []
    async with stage(tmp_path) as here:
        app, before = SCENES[scene](here)
        async with app.run_test(size=SIZES[0]) as pilot:
            await before(pilot)
            for width, height in SIZES:
                await pilot.resize_terminal(width, height)
                looks.append(f"{width} x {height}\n\n{await still_look(pilot)}")
                if folder := os.environ.get("BEAR_PICTURES"):
                    name = f"{scene}-{width}x{height}.svg"
                    (Path(folder) / name).write_text(app.export_screenshot(title=scene))
            here.end(app)
    assert snapshot(extension_class=TextFile) == "\n".join(looks)
