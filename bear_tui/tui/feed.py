"""The one door to the engine: a training in a thread, its events folded into one picture.

The engine is imported inside functions, so the first frame waits for no torch.
"""

import gc
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bear_tui.errors import BadInput, Failure
from bear_tui.forecast import Estimate, RateCurve
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe
from bear_tui.run.answer import Answer
from bear_tui.run.answered import Answered
from bear_tui.run.control import PAUSED, Control
from bear_tui.run.events import Event, PhaseStarted, RunFailed
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_state
from bear_tui.run.state import RunState
from bear_tui.text import safe
from bear_tui.tui.widgets.heat import Heat

if TYPE_CHECKING:
    from bear_tui.data.inventory import Photo

Fit: TypeAlias = Callable[[Recipe, RunFolder, Control], Iterator[Event]]


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment, live or read from disk: all that the Train screen draws."""

    state: RunState = field(default_factory=RunState)
    phase_started: float | None = None
    """On the monotonic clock; waiting in a pause is taken out."""
    error: str = ""
    """Why nothing could begin, or what broke: one sentence."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state.ended or bool(self.error)

    def apply(self, event: Event, now: float) -> "Snapshot":
        """The snapshot after `event`, which came at `now`."""
        started = now if isinstance(event, PhaseStarted) else self.phase_started
        return replace(self, state=self.state.apply(event), phase_started=started)


def engine_fit(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
    """Train with the real engine."""
    from bear_tui.engine.fit import fit

    return fit(recipe, folder, control)


def layers(model: str, image_size: int, classes: int, unfreeze: str) -> list[Layer]:
    """The layers of a model with their output shapes; takes a moment, so call it in a thread.

    BadInput where the model cannot be built so or `unfreeze` matches nothing.
    """
    from bear_tui.engine.models import describe

    return describe(model, image_size, classes, unfreeze)


def run_suspects(
    folder: RunFolder, progress: Callable[[int, int], None], cancelled: threading.Event
) -> list[Answered]:
    """Photos that a run learned from whose label looks wrong, worst first; takes a while.

    What it says of each is the class it looks like. Raises Failure with a sentence, also when
    `cancelled` is set.
    """
    from bear_tui.engine.run_suspects import inspect_run

    found = inspect_run(folder.recipe(), progress, cancelled)
    return [
        Answered(str(one.photo.path), one.photo.label, one.suggested, one.confidence, ())
        for one in found
    ]


def heat_maps(folder: RunFolder) -> Callable[[Path, str], Heat]:
    """Asks a run's best weights what in a photo spoke for a class; slow, so use it in a thread.

    Both this and what it gives raise Failure with a sentence.
    """
    from bear_tui.engine.explain import heat_map
    from bear_tui.engine.predict import open_predictor

    predictor = open_predictor(folder)
    return lambda photo, name: heat_map(predictor, photo, predictor.classes.index(name))


def estimate(recipe: Recipe, classes: int, train: int, validation: int) -> Estimate | None:
    """What a training takes here; keeps the machine busy for a moment, so call it in a thread."""
    from bear_tui.engine.estimate import estimate

    return estimate(recipe, classes, train, validation)


def find_rate(
    recipe: Recipe, progress: Callable[[int, int], None], stopped: Callable[[], bool]
) -> RateCurve:
    """How the loss goes while the learning rate rises; seconds to minutes, so in a thread."""
    from bear_tui.engine.finder import find_rate

    return find_rate(recipe, progress, stopped)


def predictions(
    folder: RunFolder, path: Path
) -> tuple[tuple[str, ...], Generator[list[Answer], None, None]]:
    """A run's classes, and its answers for a photo or a folder of them; close what is left.

    Loads the model, so call it in a thread. Raises Failure where there is no model or no photo.
    """
    from bear_tui.data.inventory import photos_below
    from bear_tui.engine import stream
    from bear_tui.engine.predict import open_predictor

    if not path.exists():
        raise BadInput(f"{path}: no such photo or folder; check the path.")
    found = photos_below(path)[0] if path.is_dir() else [path]
    if not found:
        raise BadInput(f"{path}: no photo in this folder.")
    predictor = open_predictor(folder)
    return predictor.classes, stream.predict(predictor, found)


@dataclass(frozen=True)
class Suspicion:
    """A photo that looks like another class than its own."""

    path: Path
    label: str
    suggested: str
    confidence: float
    """The suggested class's probability."""


def suspicions(
    photos: "Sequence[Photo]",
    classes: Sequence[str],
    progress: Callable[[int, int], None],
    cancelled: threading.Event,
) -> tuple[list[Suspicion], str]:
    """Photos whose label looks wrong, worst first, and how they were found. Seconds to minutes.

    Raises Failure with a sentence.
    """
    from bear_tui.engine.inspection import choose_eye, inspect

    eye = choose_eye(None, None)
    found = inspect(photos, classes, eye, progress=progress, cancelled=cancelled)
    return [
        Suspicion(one.photo.path, one.photo.label, one.suggested, one.confidence) for one in found
    ], eye.sentence


def export(folder: RunFolder, kind: str, out: Path) -> str:
    """Write a run's model, and say how well the file agrees with it. Takes up to a minute."""
    from bear_tui.engine.export import export

    done = export(folder, kind, out)
    asked = f"{done.photos:,} test photos" if done.photos else "random pictures"
    return f"written and asked about {asked}: at most {done.difference:.1g} from the run."


def warm_up() -> threading.Thread:
    """Import torch in a thread, so that the first training starts at once.

    Not a daemon: a process that ends inside an import of C++ libraries may crash.
    """

    def import_engine() -> None:
        # Collections during the import find nothing to free and cost a quarter of it; one full
        # collection afterwards takes 178 ms, unless torch's objects are set aside.
        gc.disable()
        try:
            import bear_tui.engine.fit  # noqa: F401
        except ImportError:
            # Told in full when a training or the layers are asked for.
            return
        finally:
            gc.freeze()
            gc.enable()

    thread = threading.Thread(target=import_engine, name="warm-up")
    thread.start()
    return thread


def engine_loaded() -> bool:
    """Whether torch is there already."""
    return "torchvision" in sys.modules


class Feed:
    """One training that this process runs, in one plain thread that ends itself.

    `snapshot` can be read from any thread at any time: it is replaced, never changed.
    """

    def __init__(
        self,
        recipe: Recipe,
        folder: RunFolder,
        fit: Fit = engine_fit,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.recipe = recipe
        self.folder = folder
        self._fit = fit
        self._clock = clock
        self._control = Control()
        self._snapshot = Snapshot()
        self._paused_at: float | None = None
        self._idle = 0.0
        self._thread = threading.Thread(target=self._train, name=f"training {folder.run}")

    def start(self) -> None:
        """Begin. Once per feed."""
        self._thread.start()

    @property
    def snapshot(self) -> Snapshot:
        """How the training stands."""
        now, control = self._snapshot, self._control
        waiting = control.waiting or (PAUSED if control.paused else "")
        if not waiting or now.state.status != "running":
            return now
        message = "" if waiting == PAUSED else waiting
        return replace(now, state=replace(now.state, status="paused", message=message))

    @property
    def alive(self) -> bool:
        """Whether the trainer still works or saves."""
        return self._thread.is_alive()

    def elapsed_in_phase(self) -> float:
        """Seconds that the running phase has worked; pauses are left out."""
        started = self._snapshot.phase_started
        if started is None:
            return 0.0
        until = self._paused_at if self._paused_at is not None else self._clock()
        return max(0.0, until - started - self._idle)

    def pause(self) -> None:
        """Wait after this step."""
        if self._paused_at is None:
            self._paused_at = self._clock()
        self._control.pause()

    def resume(self) -> None:
        """Go on."""
        if self._paused_at is not None:
            self._idle += self._clock() - self._paused_at
            self._paused_at = None
        self._control.resume()

    def stop(self, reason: str) -> None:
        """Finish the step, save, end."""
        self._control.stop(reason)

    def early_test(self) -> None:
        """Test the best weights so far, after this step."""
        self._control.want_early_test()

    def want(self, setting: str, value: float) -> None:
        """Another `learning_rate` or number of `epochs` from the next step on."""
        self._control.want(setting, value)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the trainer; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _train(self) -> None:
        try:
            if self.folder.path.is_dir():  # it goes on: what was before is shown with it
                before = replace(read_state(self.folder.journal_file), status="waiting")
                self._snapshot = replace(self._snapshot, state=before)
            for event in self._fit(self.recipe, self.folder, self._control):
                if isinstance(event, PhaseStarted):
                    self._idle = 0.0
                self._snapshot = self._snapshot.apply(event, self._clock())
        except Failure as failure:
            self._snapshot = replace(self._snapshot, error=str(failure))
        except Exception as error:  # in a thread nobody else would be told
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """The last guard: the traceback goes to a log, a sentence to the screen."""
        from bear_tui.tui.terminal import app_log

        log = self.folder.log_file if self.folder.path.is_dir() else app_log()
        sentence = f"{type(error).__name__}: {safe(error, 300)}. Details are in {log}."
        self._snapshot = replace(self._snapshot, error=sentence)
        if self._snapshot.state.status == "running":
            state = self._snapshot.state.apply(RunFailed(sentence))
            self._snapshot = replace(self._snapshot, state=state)
        try:
            with log.open("a", encoding="utf-8", errors="replace") as file:
                traceback.print_exception(error, file=file)
        except OSError:
            traceback.print_exception(error)
