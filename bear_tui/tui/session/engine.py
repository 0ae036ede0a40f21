"""The one door to the engine. Functions import it when called: the first frame needs no torch."""

import gc
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bear_tui import memory
from bear_tui.recipe import Recipe

if TYPE_CHECKING:
    from bear_tui.data.folders.inventory import Photo
    from bear_tui.data.suspect import Suspect
    from bear_tui.forecast import Estimate, RateCurve
    from bear_tui.layers import Layer
    from bear_tui.run.control import Control
    from bear_tui.run.events import Event
    from bear_tui.run.folder import RunFolder
    from bear_tui.run.results.prediction import Answer
    from bear_tui.tui.session.heat import Heat

Fit: TypeAlias = "Callable[[Recipe, RunFolder, Control], Iterator[Event]]"


def engine_fit(
    recipe: Recipe, folder: "RunFolder", control: "Control", accept_changes: bool = False
) -> "Iterator[Event]":
    """Train with the real engine."""
    from bear_tui.engine.fit import fit

    return fit(recipe, folder, control, accept_changes)


def layers(model: str, image_size: int, classes: int, unfreeze: str) -> "list[Layer]":
    """Return the layers of a model with their output shapes. Call in a thread: it takes a moment.

    Raises BadInput if the model cannot be built like this or `unfreeze` matches nothing.
    """
    from bear_tui.engine.models.summary import describe

    return describe(model, image_size, classes, unfreeze)


@memory.given_back()
def check_weights(path: Path, model: str, image_size: int) -> None:
    """Check that a weights file fits a model, from its header where possible.

    Call in a thread: it loads torch. Raises BadInput with a sentence.
    """
    from bear_tui.engine.models.weights import check_fit

    check_fit(path, model, image_size)


@memory.given_back()
def run_suspects(
    folder: "RunFolder", progress: Callable[[int, int], None], cancelled: threading.Event
) -> "list[Suspect]":
    """Photos that a run learned from whose label looks wrong, worst first; takes a while.

    Raises Failure with a sentence, also when `cancelled` is set.
    """
    from bear_tui.engine.suspects.run_suspects import inspect_run

    return inspect_run(folder, progress, cancelled)


def heat_maps(folder: "RunFolder") -> "Callable[[Path, str], Heat]":
    """Return a function that maps a photo and a class to a heat map, from a run's best weights.

    Call both in a thread: they are slow. Both raise Failure with a sentence.
    """
    from bear_tui.engine.inference.explain import heat_map
    from bear_tui.engine.inference.predict import open_predictor

    predictor = open_predictor(folder)
    return lambda photo, name: heat_map(predictor, photo, predictor.classes.index(name))


@memory.given_back()
def estimate(recipe: Recipe, classes: int, train: int, validation: int) -> "Estimate | None":
    """Return the time and memory of a training here. Call in a thread: it measures a few steps."""
    from bear_tui.engine.estimate import estimate

    return estimate(recipe, classes, train, validation)


@memory.given_back()
def fit_sample(recipe: Recipe, classes: int, train: int, validation: int) -> Recipe:
    """Return the sample's recipe for about a minute on this machine. Call in a thread."""
    from bear_tui.engine.estimate import fit_sample

    return fit_sample(recipe, classes, train, validation)


@memory.given_back()
def find_rate(
    recipe: Recipe, progress: Callable[[int, int], None], stopped: Callable[[], bool]
) -> "RateCurve":
    """Return the loss at rising learning rates. Call in a thread: it takes seconds to minutes."""
    from bear_tui.engine.lr_finder import find_rate

    return find_rate(recipe, progress, stopped)


def predictions(
    folder: "RunFolder", path: Path
) -> "tuple[tuple[str, ...], Generator[list[Answer], None, None]]":
    """A run's classes, and its answers for a photo or a folder of them; close what is left.

    Loads the model, so call it in a thread. Raises Failure where there is no model or no photo.
    """
    from bear_tui.data.folders.scan import photos_at
    from bear_tui.engine.inference import batch_predict
    from bear_tui.engine.inference.predict import open_predictor

    found = photos_at(path)
    predictor = open_predictor(folder)

    def answers() -> "Generator[list[Answer], None, None]":
        with memory.given_back():
            yield from batch_predict.predict(predictor, found)

    return predictor.classes, answers()


@memory.given_back()
def suspects(
    photos: "Sequence[Photo]",
    classes: Sequence[str],
    progress: Callable[[int, int], None],
    cancelled: threading.Event,
) -> "tuple[list[Suspect], str]":
    """Photos whose label looks wrong, worst first, and how they were found. Seconds to minutes.

    Raises Failure with a sentence.
    """
    from bear_tui.engine.suspects.inspection import inspect
    from bear_tui.engine.suspects.label_auditor import choose_auditor

    auditor = choose_auditor(None, None)
    found = inspect(photos, classes, auditor, progress=progress, cancelled=cancelled)
    return found, auditor.sentence


@memory.given_back()
def export(folder: "RunFolder", kind: str, out: Path) -> str:
    """Write a run's model, and say how well the file agrees with it. Takes up to a minute."""
    from bear_tui.engine.inference.export import export

    done = export(folder, kind, out)
    asked = f"{done.photos:,} test photos" if done.photos else "random pictures"
    return f"written and asked about {asked}: at most {done.difference:.1g} from the run."


def warm_up() -> threading.Thread:
    """Import torch in a thread, so that the first training starts at once.

    Not a daemon: a process that ends inside an import of C++ libraries may crash.
    """

    def import_engine() -> None:
        from bear_tui.preload import load_libraries

        # Collections during the import find nothing to free and cost a quarter of it; one full
        # collection afterwards takes 178 ms, unless torch's objects are set aside.
        gc.disable()
        try:
            load_libraries()
            import bear_tui.engine.fit  # noqa: F401
        except ImportError:
            # The error is shown when a training or the layers are asked for.
            return
        finally:
            gc.freeze()
            gc.enable()

    thread = threading.Thread(target=import_engine, name="warm-up")
    thread.start()
    return thread


def engine_loaded() -> bool:
    """Return whether torch is imported already."""
    return "torchvision" in sys.modules
