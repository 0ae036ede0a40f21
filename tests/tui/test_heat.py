"""A heat map over a photo, and in words."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bear_tui.tui.render.half_blocks import View, decode
from bear_tui.tui.session.heat import Heat, overlay, whereabouts
from tests.tui.photo_folders import photo

UPPER_LEFT: Heat = ((1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def test_what_was_looked_at_is_brighter_and_warmer_than_the_rest() -> None:
    lit = np.asarray(overlay(Image.new("RGB", (60, 60), (120, 120, 120)), UPPER_LEFT)).astype(int)
    warm, cold = lit[5, 5], lit[55, 55]
    assert warm[0] > 140 > warm[2]
    assert cold.tolist() == [36, 36, 36]
    assert warm.sum() > 2 * cold.sum(), "told by light too, not by colour alone"


@pytest.mark.parametrize(
    ("heat", "words"),
    [
        (UPPER_LEFT, "upper left"),
        (((0.0, 0.0), (0.0, 1.0)), "lower right"),
        (((1.0, 1.0), (1.0, 1.0)), "middle"),
        (((0.0, 0.0), (1.0, 1.0)), "lower"),
        (((0.0, 1.0), (0.0, 1.0)), "right"),
        (((0.0, 0.0), (0.0, 0.0)), "nowhere"),
    ],
)
def test_where_it_lies_is_told_in_words(heat: Heat, words: str) -> None:
    assert whereabouts(heat) == words


def test_the_picture_is_squared_as_the_network_sees_it_under_the_heat(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.png", width=72)
    plain = decode(View(path, width=20, height=20))
    hot = decode(View(path, width=20, height=20, heat=UPPER_LEFT))
    assert (len(plain.lines), plain.lines[0].cell_length) == (5, 20)
    assert (len(hot.lines), hot.lines[0].cell_length) == (10, 20)
