"""The HTML page of a run: whole in itself, and harmless whatever the names are."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from bear_tui.data.photos.thumbnail import data_uri
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import ScheduleChanged
from bear_tui.run.folder import RunFolder
from bear_tui.run.report.html_page import MISTAKES, page
from bear_tui.run.report.svg import chart
from bear_tui.run.results import summary
from tests.unit.sample_runs import predictions, sample_run

HOSTILE = '<script>alert(1)</script>"\x1b[2J'
VOID = {"meta", "img", "br", "line", "polyline", "circle"}


class Reader(HTMLParser):
    """Every tag with its attributes; fails where tags do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += f" {data}"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(folder: RunFolder, picture: str | None = "data:image/jpeg;base64,AAAA") -> Reader:
    return Reader(page(summary.review(folder), folder.recipe(), lambda _: picture))


def test_the_page_says_what_show_says(tmp_path: Path) -> None:
    told = predictions(36, 4) + predictions(39, 1, "other")
    reader = read(sample_run(tmp_path / "run", told))
    for part in ("93.8%", "80 test photos", "bear", "90.0%", "36", "5, surest first", "mlp"):
        assert part in reader.text
    assert len(reader.all("img")) == 5
    assert len(reader.all("svg")) == 2


def test_a_change_is_told_and_marked_in_both_charts(tmp_path: Path) -> None:
    change = ScheduleChanged(2, 5, 0.0005, 2)
    reader = read(sample_run(tmp_path / "run", predictions(5, 0), changes=[change]))
    marks = [line for line in reader.all("line") if line["class"] == "change"]
    assert len(marks) == 2
    # Epoch 1 stands at the left end and epoch 2 at the right one: 1.5 is halfway.
    assert all(48 < float(line["x1"] or 0) < 448 for line in marks)
    assert "learning rate 0.0005, 2 epochs in all" in reader.text
    assert "as the run was started" in reader.text
    plain = read(sample_run(tmp_path / "plain", predictions(5, 0)))
    assert not any(line["class"] == "change" for line in plain.all("line"))


def test_it_needs_nothing_from_outside_and_runs_nothing(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run", predictions(36, 4))
    reader = read(folder)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in reader.tags}
    for _, attributes in reader.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href"):
                assert value is not None
                assert value.startswith("data:")
    text = page(summary.review(folder), folder.recipe(), lambda _: None)
    assert "http" not in text
    assert "url(" not in text


def test_hostile_names_are_shown_and_do_nothing(tmp_path: Path) -> None:
    told = [(f"{HOSTILE.replace('/', '|')}.jpg", HOSTILE, "other")]
    folder = sample_run(tmp_path / "run", told, classes=(HOSTILE, "other"), name=HOSTILE)
    reader = read(folder)
    assert "script" not in {tag for tag, _ in reader.tags}
    assert "<script>alert(1)" in reader.text
    assert "\x1b" not in reader.text


def test_at_most_so_many_mistakes_are_shown_as_pictures(tmp_path: Path) -> None:
    reader = read(sample_run(tmp_path / "run", predictions(5, MISTAKES + 6)))
    assert len(reader.all("img")) == MISTAKES
    assert f"{MISTAKES + 6}, the surest {MISTAKES} of them here" in reader.text


def test_a_photo_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    reader = read(sample_run(tmp_path / "run", predictions(5, 1)), picture=None)
    assert reader.all("img") == []
    assert "can no longer be read" in reader.text


def test_a_run_without_epochs_or_test_has_a_page_too(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(default_recipe("/photos", "mlp"))
    assert "No test yet" in read(folder).text


def test_a_chart_leaves_gaps_and_rings_the_best_epoch() -> None:
    drawn = chart("loss", [(1, 0.9), (2, None), (3, 0.5)], [(1, 0.8), (2, 0.7)], 2, percent=False)
    assert drawn.count('class="train"') == 2
    assert drawn.count('class="best"') == 1
    assert "nan" not in chart("loss", [(1, float("nan"))], [], None, percent=False).lower()


@pytest.mark.parametrize("points", [[], [(1, 0.5)], [(1, 0.5), (2, 0.5)]])
def test_a_chart_of_few_points_stays_inside(points: list[tuple[float, float | None]]) -> None:
    drawn = chart("accuracy", points, points, None, percent=True)
    numbers = re.findall(r'c[xy]="([0-9.-]+)"', drawn)
    assert all(0 <= float(number) <= 460 for number in numbers)


def test_a_thumbnail_is_a_small_jpeg_and_a_broken_photo_none(tmp_path: Path) -> None:
    Image.new("RGBA", (900, 300), (200, 10, 10, 128)).save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes(b"no photo")
    uri = data_uri(tmp_path / "a.png", 90)
    assert uri is not None
    assert uri.startswith("data:image/jpeg;base64,/9j/")
    assert len(uri) < 2_000
    assert data_uri(tmp_path / "b.jpg") is None
