"""The app on terminals of 16 million, 256 and 16 colours and of none: what is written, and seen."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.benchmarks.terminal import Terminal, own_folders, terminal
from tests.tui import scripted
from tests.tui.test_runs_screen import make

TRUE, OF_256, OF_16 = (
    rb"\x1b\[[\d;]*8;2;",
    rb"\x1b\[[\d;]*8;5;",
    rb"\x1b\[(?:\d;)*(?:3|4|9|10)[0-7][;m]",
)


@contextmanager
def app(home: Path, name: str, *arguments: str, **environment: str) -> Iterator[Terminal]:
    """The app on a terminal called so, which says nothing more about itself."""
    command = [sys.executable, "-m", "bear_tui", *arguments]
    known = {**own_folders(str(home)), "COLORTERM": "", **environment}
    with terminal(command, 80, 24, {"TERM": name, **known}) as held:
        yield held


def settled(held: Terminal, text: str) -> str:
    """All that is painted until `text` is there and nothing moves any more."""
    held.wait_for(text, 30)
    while held.read(0.3):
        pass
    return held.painted.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("name", "colorterm", "most"),
    [
        ("xterm-256color", "truecolor", TRUE),
        ("xterm-256color", "", OF_256),
        ("screen-256color", "", OF_256),
        ("linux", "", OF_16),
    ],
)
def test_no_more_colours_are_written_than_the_terminal_says_it_has(
    tmp_path: Path, name: str, colorterm: str, most: bytes
) -> None:
    with app(tmp_path, name, COLORTERM=colorterm) as held:
        settled(held, "start from")
    kinds = (TRUE, OF_256, OF_16)
    assert re.search(most, held.painted)
    for more in kinds[: kinds.index(most)]:
        assert not re.search(more, held.painted)


def test_a_photo_keeps_its_colours_in_256(tmp_path: Path) -> None:
    for name, colour in (("bear", (250, 0, 0)), ("not_bear", (0, 0, 250))):
        for number in range(12):
            (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
            photo = Image.new("RGB", (60, 60), colour)
            photo.putpixel((number, 0), (255, 255, 255))
            photo.save(tmp_path / "photos" / name / f"{number}.png")
    with app(tmp_path, "xterm-256color", "--data", str(tmp_path / "photos")) as held:
        settled(held, "ready")
        held.type("1")
        painted = settled(held, "▀")
    shown = set(re.findall(r"38;5;(\d+);48;5;(\d+)m▀", painted))
    assert ("196", "196") in shown, "red, as the colour cube has it"


def test_the_two_curves_have_two_colours_of_256_and_two_marks(tmp_path: Path) -> None:
    make(tmp_path / "runs", "done-1111", scripted.completed(), 1e9)
    run = ("--run", "last", "--runs", str(tmp_path / "runs"))
    with app(tmp_path, "xterm-256color", *run) as held:
        settled(held, "test photos")
        held.type("3")
        painted = settled(held, "validation")
    (train,) = set(re.findall(r"38;5;(\d+);48;5;\d+mtrain ━", painted))
    (validation,) = set(re.findall(r"38;5;(\d+);48;5;\d+mvalidation ┅", painted))
    assert train != validation
    curves = {
        colour for colour, _ in re.findall(r"38;5;(\d+);48;5;\d+m([\u2801-\u28ff]+)", painted)
    }
    assert curves == {train, validation}
