"""Names that want something of the terminal, on every screen: shown as they are, obeyed by none.

Hypothesis draws the names. Those of files and folders are real ones on disk; what no file system
takes (NUL, a name of 4 KB) comes in by class names, recipes, settings, messages and the log.
"""

import itertools
import json
import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from bear_tui import paths
from bear_tui.data.dataset import open_dataset
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.suspect import Suspect
from bear_tui.errors import BadInput
from bear_tui.files import write_csv, write_text
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.events import Event, RunFailed, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal, read_events
from bear_tui.run.queue_store import QueueStore
from bear_tui.run.results.prediction import Answer
from bear_tui.text import safe
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.coco import CocoScreen
from bear_tui.tui.screens.compare import CompareScreen
from bear_tui.tui.screens.dataset import DatasetScreen
from bear_tui.tui.screens.dialogs import AskScreen
from bear_tui.tui.screens.gallery import GalleryScreen
from bear_tui.tui.screens.predict import PredictScreen
from bear_tui.tui.screens.prepare import PrepareScreen
from bear_tui.tui.screens.rate import RateScreen
from bear_tui.tui.screens.suspects import SuspectsScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session import settings as memory
from bear_tui.tui.widgets.category_rows import CategoryRows
from bear_tui.tui.widgets.coco_work import CocoWork
from bear_tui.tui.widgets.events_pane import EventsPane
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.starts import Starts
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import photo, settle
from tests.unit.data.coco_files import instances

pytestmark = pytest.mark.slow

PIECES = (
    *("[/]", "[red]", "[@click=app.exit]", "[bold", "\\[", "\x1b[2J", "\x1b]0;owned\x07", "]"),
    *("\x9b31m", "\u202e", "\u2066", "\udcff", "\u200b", "\u0301" * 40, "熊", "🐻", "a", "\n"),
    *("熊" * 30, "👨\u200d👩\u200d👧", "🇫🇮", "a\ufe0f", "$primary", "{0}%s", "…", "\x00", "/", "'"),
)
UNSAFE: Sequence[Any] = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
MARKS: Sequence[Any] = ("Mn", "Me")
OTHERS: Sequence[Any] = ("Mc", "Lo", "So", "Zs")
"""Of these too one character is drawn for each example: of a width that is not always one."""


@dataclass
class Names:
    """A pack of pieces, dealt out four to a name: each example of a test sees all of them."""

    pack: Sequence[str]

    def __post_init__(self) -> None:
        self._dealt = itertools.cycle(self.pack)

    def some(self, count: int) -> list[str]:
        """Different names; an `n` and a number come before the pieces."""
        return [f"n{number}{self._few()}" for number in range(count)]

    def long(self, count: int) -> list[str]:
        """Names as messages, JSON and TOML have them: of near 4 KB, all that a field takes."""
        return [name + "x" * 3800 + self._few() for name in self.some(count)]

    def on_disk(self, count: int) -> list[str]:
        """Names that a file may have, the last as long as one may be with an ending."""
        plain = [name.replace("/", "\u2215").replace("\x00", "\x01") for name in self.some(count)]
        found = [os.fsdecode(os.fsencode(of_bytes(name))[:240]) for name in plain]
        return [*found[:-1], found[-1] + "x" * (240 - len(os.fsencode(found[-1])))]

    def _few(self) -> str:
        return "".join(itertools.islice(self._dealt, 4))


PACKS = (
    st.tuples(*(st.characters(categories=(one,)) for one in (*UNSAFE, *MARKS, *OTHERS)))
    .flatmap(lambda drawn: st.permutations([*PIECES, *drawn]))
    .map(Names)
)
hostile = given(names=PACKS)
MANY = int(os.environ.get("BEAR_EXAMPLES", "0"))
few = settings(
    # Each is a sitting in the app, of seconds: the same two for everybody, so that no change is
    # blamed for what was so before. Others, and more of them, on purpose: BEAR_EXAMPLES=50.
    max_examples=MANY or 2,
    derandomize=not MANY,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),  # to make a failure smaller takes hundreds
)


def look(app: App[int]) -> str:
    """The text of the screen, titles and tooltips; nothing in it that a terminal would act on."""
    text = shown(app)
    for widget in app.screen.query("*"):
        text += "".join(str(one) for one in (widget.border_title, widget.tooltip) if one)
    kinds = [unicodedata.category(character) for character in text.replace("\n", "")]
    bad = {kind for kind in kinds if kind in UNSAFE}
    assert not bad, f"{bad} in\n{text!r}"
    for is_mark, run in itertools.groupby(kinds, lambda kind: kind in MARKS):
        assert not is_mark or len(list(run)) <= 3, f"a tower of marks in\n{text!r}"
    for strip in app.screen._compositor.render_strips(app.screen.size):
        assert cell_len(strip.text) == app.size.width, f"the columns beside it move: {strip.text!r}"
    return text


def plain(text: str) -> str:
    """Without spaces and marks: lines break at spaces, a mark may be cut off its letter."""
    kinds = ("Zs", "Cc", *MARKS)
    return "".join(one for one in text if unicodedata.category(one) not in kinds)


def literal(name: str, count: int = 6) -> str:
    """How it begins where it is shown as it is, however little room a row has for it."""
    return plain(safe(name, 30).removesuffix("…"))[:count]


@dataclass
class Home:
    """A folder for one example: what an app remembers, the next one does not know."""

    path: Path
    patch: pytest.MonkeyPatch
    names: Names

    @property
    def runs(self) -> Path:
        """Where runs lie."""
        return self.path / "runs"

    def photos(self) -> Path:
        """Three classes, each with five photos of its own name."""
        root = self.path / self.names.on_disk(1)[0]
        plain = photo(self.path / "photo.png").read_bytes()
        for name in self.names.on_disk(3):
            for split in ("train", "test"):
                folder = root / split / name
                folder.mkdir(parents=True)
                for file in self.names.on_disk(5):
                    (folder / f"{file}.png").write_bytes(plain)
        return root

    def run(self, photos: Path, events: list[Event] | None = None) -> RunFolder:
        """A run with hostile classes, one of them of 4 KB, tested; or one that tells `events`."""
        run = RunFolder(self.runs / self.names.on_disk(1)[0])
        name, unfreeze, *log = map(of_bytes, self.names.long(5))
        recipe = replace(default_recipe(str(photos), "mlp"), name=name)
        run.create(replace(recipe, unfreeze=f"[red]\x1b[2J{unfreeze}"))
        long = self.names.long(3)[2]  # which begins as a third name does
        classes = tuple(map(of_bytes, (*self.names.some(2), long)))
        journal = Journal(run.journal_file)
        for event in events or scripted.completed(classes=classes):
            journal.append(event)
        journal.close()
        write_text(run.log_file, "\n".join(log))
        if events is None:
            rows = [
                [one.path, classes[number % 3], classes[0], 0.9, 0.05, 0.05]
                for number, one in enumerate(open_dataset(photos).test)
            ]
            columns = ["path", "label", "predicted", *classes]
            write_csv(run.predictions_file, [columns, *rows])
        return run


def of_bytes(text: str) -> str:
    """The text as a file can hold it: no surrogates but those that stand for a byte."""
    return "".join("\ufffd" if ord(one) in LONE else one for one in text)


LONE = {*range(0xD800, 0xDC80), *range(0xDD00, 0xE000)}


async def visit(pilot: Pilot[int], keys: str) -> None:
    """Press keys one after the other; look after each."""
    for key in keys.split():
        await pilot.press(key)
        await settle(pilot, turns=1)
        look(pilot.app)


def drawn(app: App[int], part: str) -> bool:
    """Whether it is on the screen."""
    return part in look(app)


async def toast(pilot: Pilot[int], sentence: str) -> None:
    """What the app says in the corner is drawn there, and nothing in it is obeyed."""
    app = pilot.app
    assert isinstance(app, BearApp)
    for severity in ("information", "error"):
        app.say(f"{severity.upper()} {sentence}", severity)  # a word that nothing else holds
        await until(pilot, partial(drawn, app, severity.upper()))
        app.clear_notifications()


At: TypeAlias = Callable[[Names], AbstractContextManager[Home]]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> At:
    """Makes a home for an example."""

    @contextmanager
    def make(names: Names) -> Iterator[Home]:
        path = tmp_path_factory.mktemp("example")
        with pytest.MonkeyPatch.context() as patch:
            for folder in ("DATA", "CACHE", "CONFIG", "STATE"):
                patch.setenv(f"XDG_{folder}_HOME", str(path / folder.lower()))
            yield Home(path, patch, names)

    return make


@few
@hostile
async def test_photos_and_classes_with_hostile_names(names: Names, at: At) -> None:
    with at(names) as home:
        photos = home.photos()
        app = BearApp(data=photos, runs=home.runs)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await until(pilot, lambda: app.current_mode == "model" and "layers ·" in shown(app))
            await visit(pilot, "1 down right v tab down space tab tab")
            for name in open_dataset(photos).classes:
                assert literal(name) in plain(look(app))
            await visit(pilot, "p tab ctrl+r escape escape 2 ? escape 3 5 1 ctrl+p escape")


@few
@hostile
async def test_hostile_folders_that_were_used_before(names: Names, at: At) -> None:
    with at(names) as home:
        photos = home.photos()
        (home.path / names.on_disk(2)[1]).mkdir()
        gone = [f"/{name}" for name in (*names.some(2), *names.long(2))]
        # A theme and a model that there are not, too.
        known = memory.Settings((str(photos), *gone), names.some(1)[0], names.long(1)[0])
        memory.save(known, paths.settings_file())
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await settle(pilot)
            assert "used before" in look(app)
            assert isinstance(app.screen, DatasetScreen)
            app.screen.open_folder(photos)
            await settle(pilot)
            await visit(pilot, "o")
            assert "used before" in look(app)
            app.screen.query_one(Starts).focus()
            await visit(pilot, "down down down enter")
            assert "n0" in look(app), "why it is not opened"
            app.screen.query_one(PathInput).focus()
            app.screen.query_one(PathInput).value = f"{home.path}/"
            await visit(pilot, "down tab tab escape escape")


@few
@hostile
async def test_a_run_with_hostile_classes(names: Names, at: At) -> None:
    with at(names) as home:
        run = home.run(home.photos())
        app = BearApp(runs=home.runs, run=run)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await until(pilot, lambda: "n0" in shown(app))
            await settle(pilot)
            await visit(pilot, "enter")
            assert isinstance(app.screen, GalleryScreen)
            await visit(pilot, "right enter right m escape x v escape escape")
            await visit(pilot, "tab down enter enter g m x escape m e escape")
            await visit(pilot, "b B v a shift+tab right enter")
            await visit(pilot, "3 l l E")
            assert app.screen.query_one(EventsPane).display
            await visit(pilot, "E 5 space enter 5 p escape 5 e escape delete escape c")


@few
@hostile
async def test_a_run_that_ended_with_a_hostile_message(names: Names, at: At) -> None:
    with at(names) as home:
        # Two lone surrogates that happen to make a pair would be another character in JSON.
        message = of_bytes("".join(names.some(30)) + names.long(1)[0])
        for ending in (RunFailed(message), RunStopped(message)):
            run = home.run(home.photos(), [*scripted.running(), ending])
            app = BearApp(runs=home.runs, run=run)
            async with app.run_test(size=(80, 24), notifications=True) as pilot:
                await until(pilot, partial(drawn, app, "n0"))
                await visit(pilot, "l l E")
                pane = app.screen.query_one(EventsPane)
                assert pane.display
                assert literal(message, 100) in plain(str(pane.query_one(Static).content))
                await visit(pilot, "down E 4 5 s escape plus escape")
                await toast(pilot, message)


@few
@hostile
async def test_a_hostile_run_that_was_interrupted_and_trainings_that_wait(
    names: Names, at: At
) -> None:
    with at(names) as home:
        photos = home.photos()
        run = home.run(photos, scripted.running())
        waiting = QueueStore(home.runs)
        for name in names.long(3):
            waiting.add(replace(default_recipe(str(photos), "mlp"), name=of_bytes(name)))
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(60, 15), notifications=True) as pilot:
            await until(pilot, lambda: "Go on with it here" in look(app))
            assert isinstance(app.screen, AskScreen)
            await pilot.resize_terminal(120, 40)
            await until(pilot, lambda: "Its process is gone" in look(app))
            assert literal(run.run) in plain(look(app))
            await visit(pilot, "down ? escape escape")
        app = BearApp(runs=home.runs)  # what was declined is not asked again
        async with app.run_test(size=(60, 15), notifications=True) as pilot:
            await until(pilot, lambda: "3 trainings wait" in look(app))
            assert "Begin, one after the other" in look(app)
            await visit(pilot, "down escape 5 n down ] delete escape")


@few
@hostile
async def test_answers_of_a_hostile_run_about_hostile_photos(names: Names, at: At) -> None:
    with at(names) as home:
        photos = home.photos()
        run = home.run(photos)
        classes = scripted.classes_of([*read_events(run.journal_file)])

        def told(_folder: RunFolder, path: Path) -> object:
            asked = sorted(path.glob("*/*"))
            one_error = Answer(asked[0], error=names.long(1)[0])
            sure = [Answer(one, (0.9, 0.06, 0.04)) for one in asked[1:4]]
            unsure = [Answer(one, (0.3, 0.4, 0.3)) for one in asked[4:]]
            return classes, iter([[one_error], sure, unsure])

        home.patch.setattr(engine, "predictions", told)
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await visit(pilot, "5")
            await until(pilot, lambda: "1 run" in shown(app))
            await visit(pilot, "p")
            assert isinstance(app.screen, PredictScreen)
            app.screen.query_one("#path", PathInput).value = str(photos / "test")
            await visit(pilot, "enter")
            await until(pilot, lambda: "3 sure" in look(app))
            await visit(pilot, "down down down [ ] ] v down v slash escape")
            home.patch.setattr(engine, "predictions", refusing(names))
            app.screen.query_one("#path", PathInput).focus()
            await visit(pilot, "enter")
            await until(pilot, lambda: "refused" in look(app))


@few
@hostile
async def test_a_recipe_with_a_hostile_folder_and_layers(names: Names, at: At) -> None:
    with at(names) as home:
        photos = home.photos()
        recipe = replace(
            default_recipe(os.fspath(photos), "mlp"),
            unfreeze=f"[red]\x1b[2J*{of_bytes(names.long(1)[0])}",
            name=of_bytes(names.long(1)[0]),
        )
        app = BearApp(runs=home.runs, fit=scripted.fit_of(scripted.running(), hold=True))
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            app.training.start(recipe)
            await until(pilot, lambda: "epoch 4" in shown(app))
            assert "[red]" in look(app)
            app.training.start(recipe)
            await visit(pilot, "5 n escape q escape 3 E E l s escape 2")
            app.navigation.use_recipe(recipe)
            await settle(pilot)
            look(app)
            assert app.training.local_run is not None
            app.training.local_run.stop("done")


@few
@hostile
async def test_a_coco_file_with_hostile_categories_photos_and_folder(names: Names, at: At) -> None:
    with at(names) as home:
        coco = instances(home.path / names.on_disk(1)[0])
        content = json.loads(coco.read_text())
        first, second = names.long(2)
        content["categories"] = [{"id": 1, "name": first}, {"id": 23, "name": second}]
        for image in content["images"][:2]:
            image["file_name"] = names.on_disk(1)[0]
        coco.write_text(json.dumps(content))
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await visit(pilot, "c")
            screen = app.screen
            assert isinstance(screen, CocoScreen)
            screen._field("coco").fill(os.fspath(coco))
            screen._field("images").fill(os.fspath(coco.parent / "images"))
            screen._field("rest").fill(names.some(1)[0])
            await visit(pilot, "enter")
            rows = screen.query_one(CategoryRows)
            await until(pilot, lambda: rows.has_focus)
            assert "n0" in look(app)
            assert literal(first) in plain(look(app))
            screen._field("class").fill(f"[red]\x1b[2J={names.some(1)[0]}")
            await visit(pilot, "ctrl+r")
            assert "no photo shows n0" in look(app)
            screen._field("class").fill("")
            screen.on_coco_work_refused(CocoWork.Refused(names.long(1)[0]))
            rows.focus()
            await visit(pilot, "j enter")
            assert " → n" in look(app)
            await visit(pilot, "ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, PrepareScreen))
            await visit(pilot, "tab tab ctrl+r ctrl+r escape escape")


@few
@hostile
async def test_suspects_with_hostile_names(names: Names, at: At) -> None:
    def suspects(found: Sequence[Photo], classes: Sequence[str], *_: object) -> object:
        other = {one: next(name for name in classes if name != one) for one in classes}
        told = [Suspect(one, other[one.label], 0.9) for one in found[:4]]
        return told, f"by the features of {names.long(1)[0]}"

    with at(names) as home:
        home.patch.setattr(engine, "suspects", suspects)
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            assert isinstance(app.screen, DatasetScreen)
            app.screen.open_folder(home.photos())
            await settle(pilot)
            await visit(pilot, "i")
            assert isinstance(app.screen, SuspectsScreen)
            assert " → n" in look(app)
            await visit(pilot, "m m down x z v down y x escape")
            home.patch.setattr(engine, "suspects", refusing(names))
            await visit(pilot, "i")
            assert "! refused" in look(app)
            await visit(pilot, "escape")


@few
@hostile
async def test_hostile_runs_beside_each_other(names: Names, at: At) -> None:
    with at(names) as home:
        photos = home.photos()
        for name in (names.some(1)[0], names.long(1)[0]):
            folder = home.run(photos)
            # What recipes differ in is shown too.
            recipe = replace(
                default_recipe(f"/{of_bytes(name)}", "mlp"),
                unfreeze=f"[red]\x1b[2J{of_bytes(name)}",
            )
            write_text(folder.recipe_file, to_toml(recipe))
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await visit(pilot, "5")
            await until(pilot, lambda: "2 runs" in shown(app))
            await visit(pilot, "space space v")
            assert isinstance(app.screen, CompareScreen)
            await until(pilot, lambda: "differs" in look(app))
            assert "[red]" in look(app), "literally"
            await visit(pilot, "j G g escape")


@few
@hostile
async def test_the_rate_finder_on_hostile_photos(names: Names, at: At) -> None:
    with at(names) as home:
        home.patch.setattr(engine, "layers", lambda *_: [])
        home.patch.setattr(engine, "find_rate", refusing(names))
        app = BearApp(runs=home.runs)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            app.photos.dataset.set(open_dataset(home.photos()))
            await visit(pilot, "2 f")
            assert isinstance(app.screen, RateScreen)
            assert "refused" in look(app)
            await visit(pilot, "enter escape")


def refusing(names: Names) -> Callable[..., object]:
    """Work that is refused with a hostile sentence."""

    def refuse(*_: object) -> object:
        raise BadInput(f"refused {names.long(1)[0]}")

    return refuse
