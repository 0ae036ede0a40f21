"""Take the pictures of the README and docs/ from the running app.

`python screenshots/make.py` draws all but one of them: some minutes. The sample photos are trained
for real; the app is driven by its keys, as a person would.
`python screenshots/make.py gpu` draws that one, gpu.svg, on a machine with a CUDA GPU and with what
`pip install '.[gpu]'` brings; elsewhere it says so and draws nothing.
"""

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

HERE = Path(__file__).parent
SIZE = (120, 34)
LINE = 24.4
"""Height of a line of text in such a picture."""
_BACKGROUND = (
    r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="24.65"[^>]*/>'
)
_HALF = r'<text class="(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>▀+</text>'
MOST = 300_000
"""Bytes of a picture: a page that shows all of them is to come over a slow link too."""


def main() -> int:
    """Be in a home of its own, and take a picture of each screen, or the one of the GPU."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("screens", "gpu"), default="screens")
    what = parser.parse_args().what
    with tempfile.TemporaryDirectory() as home:
        # Before anything of the app is imported: it reads where things lie from these.
        for name in ("DATA", "CACHE", "CONFIG", "STATE"):
            os.environ.pop(f"XDG_{name}_HOME", None)
        os.environ["HOME"] = home
        if what == "gpu" and not _sees_gpu():
            print("No GPU can be asked here: gpu.svg stays as it is.", file=sys.stderr)
            return 2
        asyncio.run(_visit_gpu() if what == "gpu" else _visit())
    return 0


async def _visit() -> None:
    from bear_tui.tui.app import BearApp
    from bear_tui.tui.widgets.estimate_line import EstimateLine

    app = BearApp(sample=True)
    async with app.run_test(size=SIZE) as pilot:
        await _until(
            pilot,
            lambda: (
                app.training.local_run is not None
                and len(app.training.local_run.snapshot.state.curve) > 1
            ),
        )
        await _until(pilot, lambda: _epoch(app) >= 9)
        await _take(pilot, "train")
        await _until(pilot, lambda: app.current_mode == "results")
        await _press(pilot)
        await _take(pilot, "results")
        await _press(pilot, "1")
        await _take(pilot, "dataset")
        await _press(pilot, "p")
        await _take(pilot, "prepare")
        await _press(pilot, "escape")
        # A weaker model: it makes more mistakes to look at, and is compared with the first.
        await _choose(pilot, "mlp")
        await _press(pilot, "ctrl+r")
        await _until(pilot, lambda: app.current_mode == "results")
        await _choose(pilot, "vgg16")
        await _press(pilot, "h", "u", "u", "u")
        estimate = app.screen.query_one(EstimateLine)
        await _until(pilot, lambda: bool(str(estimate.content)))
        await _take(pilot, "model")
        await _press(pilot, "5")
        await _press(pilot, "space", "space")
        await _take(pilot, "runs")
        await _press(pilot, "v")
        await _take(pilot, "compare")
        await _press(pilot, "escape")
        await _press(pilot, "4")
        await _press(pilot, "enter")
        await _take(pilot, "gallery")
        await _press(pilot, "escape")
        await _press(pilot, "ctrl+p")
        await _press(pilot, *"theme", "enter")
        await _press(pilot, *"bear-light", "enter")
        await _take(pilot, "light")


async def _visit_gpu() -> None:
    """All of VGG16 on the sample photos, from random values: no weights are needed."""
    from bear_tui import paths
    from bear_tui.data.sample import write_sample
    from bear_tui.recipe_defaults import default_recipe
    from bear_tui.tui.app import BearApp
    from bear_tui.tui.widgets.gpu_panel import GpuPanel

    data = paths.sample_folder()
    write_sample(data)
    recipe = default_recipe(str(data), "vgg16", weights="none")
    app = BearApp()
    async with app.run_test(size=SIZE) as pilot:
        app.training.start(replace(recipe, epochs=400, batch_size=64, device="cuda"))
        await _until(pilot, lambda: _epoch(app) >= 8 and app.screen.query_one(GpuPanel).display)
        await _take(pilot, "gpu")


def _sees_gpu() -> bool:
    """Whether there is one to train on, and its driver tells of it."""
    import torch

    from bear_tui.tui.session.gpu import read_gpus

    return torch.cuda.is_available() and bool(read_gpus())


def _epoch(app: Any) -> int:
    return int(app.training.local_run.snapshot.state.epoch) if app.training.local_run else 0


async def _until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 600) -> None:
    for _ in range(int(seconds / 0.1)):
        if condition():
            return
        await pilot.pause(0.1)
    raise TimeoutError("the app did not get there")


async def _choose(pilot: Pilot[Any], model: str) -> None:
    """Take a model on screen 2."""
    await _press(pilot, "2")
    await _press(pilot, "slash", *model, "enter")


async def _press(pilot: Pilot[Any], *keys: str) -> None:
    """Press, and wait until all is read and drawn."""
    await pilot.press(*keys)
    await pilot.pause(2.0)


async def _take(pilot: Pilot[Any], name: str) -> None:
    svg = pilot.app.export_screenshot(title="bear-tui", simplify=True)
    # The picture asks no server for a font: a page that shows it may not reach one.
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    svg = re.sub(r"font-family: [^;]*;", "font-family: monospace;", svg)
    svg = _smaller(re.sub(r"terminal-\d+-", "", svg))
    if len(svg.encode()) > MOST:
        raise ValueError(f"{name}.svg has {len(svg.encode()):,} bytes, more than {MOST:,}")
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
    print(f"{name}.svg", file=sys.__stderr__)


def _smaller(svg: str) -> str:
    """The same picture in a third of the bytes: the areas of a colour are one path, and half
    blocks are areas, whatever the font makes of them.
    """
    filled = dict(re.findall(r"^\s*\.(r\d+) \{ fill: (#\w+)", svg, re.MULTILINE))
    behind: dict[str, list[str]] = defaultdict(list)
    halves: dict[str, list[str]] = defaultdict(list)

    def background(found: re.Match[str]) -> str:
        colour, x, y, width = found.groups()
        behind[colour].append(f"M{x} {y}h{width}v{LINE + 0.25:g}h-{width}z")
        return ""

    def half(found: re.Match[str]) -> str:
        name, x, y, width = found.groups()
        halves[filled[name]].append(f"M{x} {float(y) - 18.5:g}h{width}v{LINE / 2:g}h-{width}z")
        return ""

    svg = re.sub(_BACKGROUND, background, svg)
    svg = re.sub(_HALF, half, svg)
    for name in filled:
        if f'class="{name}"' not in svg:
            svg = re.sub(rf"^\s*\.{name} \{{.*\}}\n", "", svg, flags=re.MULTILINE)
    paths = "".join(
        f'<path fill="{colour}" d="{"".join(areas)}"/>'
        for layer in (behind, halves)
        for colour, areas in layer.items()
    )
    matrix = '<g class="matrix">'
    return svg.replace(matrix, f'<g shape-rendering="crispEdges">{paths}</g>{matrix}', 1)


if __name__ == "__main__":
    sys.exit(main())
