"""Whether the heat of "bear" lies on the bear: a sheet of 20 real photos to look at.

    python -m tests.benchmarks.heat OUT.png

Trains the head of a MobileNetV2, then draws each test photo of a bear as it is, in the heat of
"bear" and in that of "not_bear", with the heat's centre of gravity marked. How many centres lie on
the bear is for a person to count; where people have drawn boxes, tests/real/test_explain.py counts.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from bear_tui.data.photos.photo import load_square
from bear_tui.engine.inference.explain import heat_map
from bear_tui.engine.inference.predict import open_predictor
from bear_tui.tui.session.heat import Heat, overlay
from tests.benchmarks.real_photos import SHARED, head_only

SIDE, ACROSS, PHOTOS = 150, 3, 20


def centre(heat: Heat) -> tuple[float, float]:
    """The heat's centre of gravity, the side being 1."""
    total = sum(map(sum, heat)) or 1.0
    down = sum(sum(row) * (n + 0.5) / len(heat) for n, row in enumerate(heat))
    right = sum(value * (n + 0.5) / len(row) for row in heat for n, value in enumerate(row))
    return right / total, down / total


def main() -> None:
    """Draw the sheet."""
    photos = sorted((SHARED / "photos" / "bear").iterdir())[-PHOTOS:]  # none of them was trained on
    tile = 3 * SIDE + 10
    sheet = Image.new("RGB", (ACROSS * tile, -(-PHOTOS // ACROSS) * (SIDE + 6)))
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        predictor = open_predictor(head_only(Path(folder)))
        for number, photo in enumerate(photos):
            left, top = number % ACROSS * tile, number // ACROSS * (SIDE + 6)
            square = Image.fromarray(load_square(photo, SIDE))
            sheet.paste(square, (left, top))
            heats = [heat_map(predictor, photo, index) for index in range(2)]
            different += heats[0] != heats[1]
            for place, heat in enumerate(heats, start=1):
                lit = overlay(square, heat)
                x, y = (share * SIDE for share in centre(heat))
                ImageDraw.Draw(lit).ellipse((x - 4, y - 4, x + 4, y + 4), outline="cyan", width=2)
                sheet.paste(lit, (left + place * SIDE, top))
    sheet.save(sys.argv[1])
    print(f"{PHOTOS} photos in {sys.argv[1]}; of {different} the two classes' heat differs")


if __name__ == "__main__":
    main()
