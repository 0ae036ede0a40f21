"""A photo in half blocks."""

from pathlib import Path

import pytest
from PIL import Image
from textual.app import App, ComposeResult

from bear_tui.tui.render.half_blocks import Decoded, View, decode
from bear_tui.tui.widgets.picture import Picture
from tests.tui.photo_folders import photo, settle


class Alone(App[None]):
    """The picture alone."""

    def __init__(self, network_size: int | None = None) -> None:
        super().__init__()
        self._network_size = network_size
        self.shown: list[Decoded] = []

    def compose(self) -> ComposeResult:
        yield Picture(network_size=self._network_size, empty="nothing chosen")

    def on_picture_shown(self, event: Picture.Shown) -> None:
        self.shown.append(event.decoded)


def text_of(app: App[None]) -> str:
    """What stands on the screen."""
    picture = app.query_one(Picture)
    return "\n".join(picture.render_line(y).text for y in range(picture.size.height))


def test_the_whole_photo_fits_and_keeps_its_shape(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.png", width=72)
    wide = decode(View(path, width=20, height=40))
    high = decode(View(path, width=80, height=20))
    assert (wide.lines[0].cell_length, len(wide.lines)) == (20, 5)
    assert (high.lines[0].cell_length, len(high.lines)) == (40, 10)


def test_upper_and_lower_pixel_share_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    image = Image.new("RGB", (2, 2), (255, 0, 0))
    image.paste((0, 0, 255), (0, 1, 2, 2))
    image.save(path)
    (line,) = decode(View(path, width=2, height=2)).lines
    (segment,) = line
    assert segment.text == "▀▀"
    assert segment.style is not None
    assert segment.style.color is not None
    assert segment.style.bgcolor is not None
    assert segment.style.color.triplet == (255, 0, 0)
    assert segment.style.bgcolor.triplet == (0, 0, 255)


def test_the_network_sees_a_square_with_bars(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.png", width=72)
    seen = decode(View(path, width=32, height=32, network_size=32))
    assert (seen.lines[0].cell_length, len(seen.lines)) == (32, 16)
    first = next(iter(seen.lines[0]))
    assert first.style is not None
    assert first.style.color is not None
    assert first.style.color.triplet == (0, 0, 0)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff\xe0 cut"])
def test_what_is_no_photo_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    decoded = decode(View(path, 20, 20))
    assert decoded.error.startswith("This photo cannot be shown: ")
    assert decoded.lines == ()


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    assert "cannot be shown" in decode(View(tmp_path / "gone.jpg", 20, 20)).error


@pytest.mark.parametrize(
    ("mode", "name", "facts"),
    [
        ("RGB", "a.jpg", "JPEG · RGB · 60 x 36"),
        ("CMYK", "a.jpg", "JPEG · CMYK · 60 x 36"),
        ("L", "a.jpg", "JPEG · grey · 60 x 36"),
        ("P", "a.png", "PNG · palette · 60 x 36"),
        ("RGBA", "a.png", "PNG · RGB, see-through · 60 x 36"),
        ("I;16", "a.png", "PNG · 16-bit grey · 60 x 36"),
        ("1", "a.png", "PNG · black and white · 60 x 36"),
    ],
)
def test_what_a_pixel_holds_is_told(mode: str, name: str, facts: str, tmp_path: Path) -> None:
    Image.new(mode, (60, 36)).save(tmp_path / name)
    assert decode(View(tmp_path / name, 20, 20)).facts == facts


async def test_a_photo_comes_and_goes(tmp_path: Path) -> None:
    app = Alone()
    async with app.run_test(size=(40, 12)) as pilot:
        picture = app.query_one(Picture)
        assert "nothing chosen" in text_of(app)
        picture.show(photo(tmp_path / "a.png"))
        await settle(pilot)
        assert "▀" in text_of(app)
        assert app.shown[-1].facts == "PNG · RGB · 48 x 36"
        picture.show(None)
        await pilot.pause()
        assert "nothing chosen" in text_of(app)


async def test_a_photo_seen_before_is_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bear_tui.tui.widgets import picture as module

    decoded: list[Path] = []

    def counted(view: View) -> Decoded:
        decoded.append(view.path)
        return decode(view)

    monkeypatch.setattr(module, "decode", counted)
    first, second = photo(tmp_path / "a.png"), photo(tmp_path / "b.png")
    app = Alone()
    async with app.run_test(size=(40, 12)) as pilot:
        picture = app.query_one(Picture)
        picture.show(first, ahead=[second])
        await settle(pilot)
        assert decoded == [first, second]
        picture.show(second)
        picture.show(first)
        await settle(pilot)
        assert decoded == [first, second]


async def test_a_slow_photo_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    first, second = photo(tmp_path / "a.png"), photo(tmp_path / "b.png", width=60)
    app = Alone()
    async with app.run_test(size=(40, 12)) as pilot:
        picture = app.query_one(Picture)
        picture.show(second)
        await settle(pilot)
        late = View(first, *picture.size)
        picture.post_message(Picture._Ready(late, decode(late)))
        await settle(pilot)
        assert [one.facts for one in app.shown] == ["PNG · RGB · 60 x 36"]


async def test_a_picture_follows_the_size_of_its_pane(tmp_path: Path) -> None:
    app = Alone()
    async with app.run_test(size=(40, 12)) as pilot:
        app.query_one(Picture).show(photo(tmp_path / "a.png"))
        await settle(pilot)
        await pilot.resize_terminal(20, 6)
        await settle(pilot)
        assert text_of(app).split("\n")[0].count("▀") == 16
