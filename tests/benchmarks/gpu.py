"""On a CUDA GPU: the engine's steps against a bare loop on tensors that lie there, and memory.

`python -m tests.benchmarks.gpu` trains VGG16 and ResNet18 at 224 pixels with all layers unfrozen,
in bf16. It fails where the engine has under 0.95 of the bare loop's photos a second, and where the
estimate is off by more than a fifth of the peak.
"""

import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch

from bear_tui.engine.estimate import estimate
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training.context import TrainingContext
from bear_tui.engine.training.trainer import Trainer
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.benchmarks.real_photos import make_dataset, print_table
from tests.benchmarks.steps import pass_by_pass

FLOOR, MOST_OFF = 0.95, 0.2
TRAIN, VALIDATION = 320, 80


def peak(recipe: Recipe) -> int:
    """Bytes that PyTorch has in use at most while steps are taken, recorded, and judged."""
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    with tempfile.TemporaryDirectory() as folder:
        setup = prepare(resolve(recipe))
        with closing(BatchSource(setup)) as source:
            trainer = Trainer(TrainingContext(setup, source, RunFolder(Path(folder)), Control()))
            for phase in ("train", "train", "train", "validation"):
                trainer.begin_phase(phase)
                list(trainer.phase(phase))
    return torch.cuda.max_memory_allocated() - before


def main() -> int:
    """Both models with and without new views, one table; 1 where a floor is missed."""
    if not torch.cuda.is_available():
        print("PyTorch finds no CUDA GPU here: nothing was measured.")
        return 2
    print(torch.cuda.get_device_name(), "torch", torch.__version__)
    rows, good = [], True
    with tempfile.TemporaryDirectory() as folder:
        data = str(make_dataset(Path(folder) / "photos"))
        for model in ("vgg16", "resnet18"):
            basis = default_recipe(data, model, "none", "all", 224)
            recipe = replace(basis, batch_size=64, device="cuda", precision="bf16")
            about = estimate(recipe, 2, TRAIN, VALIDATION)
            assert about is not None
            most = peak(recipe)
            off = about.memory / most - 1
            for augment in ("none", "light"):
                viewed = replace(recipe, augment=augment)
                engine, loop, ratio = pass_by_pass(viewed, TRAIN, 7, passes=6)
                speed = [f"{engine:.0f}", f"{loop:.0f}", f"{ratio:.3f}"]
                memory = [f"{about.memory / 1e9:.2f}", f"{most / 1e9:.2f}", f"{off:+.0%}"]
                rows.append([model, augment, *speed, *memory])
                good = good and ratio >= FLOOR and abs(off) <= MOST_OFF
    names = ["engine photos/s", "bare loop photos/s", "ratio", "estimate GB", "peak GB", "off"]
    print_table(["model", "views", *names], rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
