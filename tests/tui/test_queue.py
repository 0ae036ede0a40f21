"""Trainings one after the other: order, cancelling, and the next beginning by itself."""

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bear_tui.data.dataset import open_dataset
from bear_tui.errors import DiskFull, Failure
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.control import Control
from bear_tui.run.events import Event, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.queue_store import QueueStore
from bear_tui.tui.app import BearApp
from bear_tui.tui.session import engine as engine_door
from bear_tui.tui.session.autosave import OrderedWork
from bear_tui.tui.session.engine import engine_fit
from bear_tui.tui.session.ladder import pretrained
from bear_tui.tui.session.queue import Queue
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import vgg
from tests.tui.person import Person
from tests.tui.photo_folders import class_folders


def recipe(name: str, model: str = "mlp") -> Recipe:
    return Recipe(**{**default_recipe("/photos", model).__dict__, "name": name})


def names(queue: Queue) -> list[str]:
    return [one.name for one in queue.waiting]


@dataclass
class Trainer:
    """Notes what it is to train."""

    begun: list[str]
    busy: bool = False
    why: str = ""

    def begin(self, recipe: Recipe) -> RunFolder:
        self.begun.append(recipe.name)
        return RunFolder(Path(recipe.name))

    def failure_of(self, _recipe: Recipe) -> str:
        return self.why


def queue_in(runs: Path, trainer: Trainer | None = None, person: Person | None = None) -> Queue:
    return Queue(runs, trainer or Trainer([]), person or Person(), OrderedWork(lambda call: call()))


def filled(runs: Path, begun: list[str], busy: bool = False) -> Queue:
    queue = queue_in(runs, Trainer(begun, busy))
    for number, name in enumerate("abc", start=1):
        assert queue.add(recipe(name)) == number
    return queue


def clear(queue: Queue) -> None:
    for one in queue.waiting:
        queue.cancel(one, 0)


def test_they_begin_one_by_one_in_order(tmp_path: Path) -> None:
    begun: list[str] = []
    queue = filled(tmp_path, begun)
    for _ in range(4):
        queue.begin_next()
    assert begun == ["a", "b", "c"]


def test_a_move_that_breaks_off_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, [])
    waiting, rename = QueueStore(tmp_path), Path.rename
    for left in range(3):
        steps = iter(range(left))

        def broken(path: Path, target: Path, steps: Iterator[int] = steps) -> Path:
            if next(steps, None) is None:
                raise OSError(errno.EIO, "power cut")
            return rename(path, target)

        last = waiting.recipes[2]
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", broken)
            with pytest.raises(Failure, match="power cut"):
                waiting.move(last, 2, -2)
        assert {one.name for one in waiting.recipes} == {"a", "b", "c"}
    assert waiting.move(waiting.recipes[2], 2, -2) == 0
    assert len(waiting.recipes) == 3


def test_nothing_begins_while_one_is_trained(tmp_path: Path) -> None:
    begun: list[str] = []
    filled(tmp_path, begun, busy=True).begin_next()
    assert begun == []


def test_nothing_begins_while_another_process_trains(tmp_path: Path) -> None:
    begun: list[str] = []
    queue, other = filled(tmp_path, begun), RunFolder(tmp_path / "other")
    other.create(recipe("other"))
    with other.lock(1.0):
        queue.begin_next()
        assert begun == []
    queue.begin_next()
    assert begun == ["a"]


def test_what_waits_outlives_the_app_and_begins_when_a_person_says_so(tmp_path: Path) -> None:
    filled(tmp_path, [])
    begun: list[str] = []
    later = queue_in(tmp_path, Trainer(begun))
    later.begin_next()
    assert begun == []
    assert later.waiting == tuple(recipe(name) for name in "abc")
    later.resting = False
    later.begin_next()
    assert begun == ["a"]
    assert names(later) == ["b", "c"]


def test_each_is_taken_once(tmp_path: Path) -> None:
    one = filled(tmp_path, [])
    other = queue_in(tmp_path)
    taken = [queue.take() for queue in (one, other, one, other)]
    assert [recipe and recipe.name for recipe in taken] == ["a", "b", "c", None]


def test_a_run_that_cannot_begin_goes_on_waiting(tmp_path: Path) -> None:
    filled(tmp_path, [])
    waiting = QueueStore(tmp_path)

    def full_disk(_recipe: Recipe) -> None:
        raise DiskFull("the disk is full")

    with pytest.raises(DiskFull):
        waiting.take(full_disk)
    assert [one.name for one in waiting.recipes] == ["a", "b", "c"]


def test_a_file_that_is_no_recipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    begun: list[str] = []
    queue = filled(tmp_path, begun)
    (tmp_path / ".queue" / "000001.toml").write_text("[[")
    later = queue_in(tmp_path, Trainer(begun))
    assert names(later) == ["b", "c"]
    assert later.move(recipe("b"), 0, 1) in (1, 2)
    assert [one.name for one in queue.waiting] == names(later) == ["c", "b"]


@pytest.mark.parametrize(
    ("index", "by", "after"),
    [(2, -1, "acb"), (0, 1, "bac"), (0, -1, "abc"), (2, 1, "abc"), (2, -2, "cab")],
)
def test_moving_changes_the_order(tmp_path: Path, index: int, by: int, after: str) -> None:
    queue = filled(tmp_path, [])
    place = queue.move(queue.waiting[index], index, by)
    assert names(queue) == list(after)
    assert after[place] == "abc"[index]


def test_one_is_taken_out(tmp_path: Path) -> None:
    queue = filled(tmp_path, [])
    queue.cancel(queue.waiting[1], 1)
    assert names(queue) == ["a", "c"]


def test_what_was_taken_out_comes_back_where_it_was(tmp_path: Path) -> None:
    begun: list[str] = []
    queue = filled(tmp_path, begun)
    for index in (1, 1, 0):
        queue.cancel(queue.waiting[index], index)
    assert names(queue) == []
    assert [queue.undo() for _ in range(4)] == [0, 1, 1, None]
    assert names(queue) == list("abc")
    assert queue.waiting[1] == recipe("b")


def test_what_comes_back_begins_nothing_that_rests(tmp_path: Path) -> None:
    filled(tmp_path, [])
    begun: list[str] = []
    later = queue_in(tmp_path, Trainer(begun))
    later.cancel(later.waiting[0], 0)
    assert later.undo() == 0
    later.begin_next()
    assert begun == []


def test_one_that_began_meanwhile_was_not_taken_out(tmp_path: Path) -> None:
    queue = filled(tmp_path, [])
    seen = queue.waiting
    other = queue_in(tmp_path)
    assert other.take() == recipe("a")
    queue.cancel(seen[0], 0)
    assert names(queue) == ["b", "c"]
    assert queue.undo() is None


class Engine:
    """Trains until the run's turn is over."""

    def __init__(self) -> None:
        self.over: set[str] = set()
        self.began: list[str] = []

    def fit(self, chosen: Recipe, _folder: RunFolder, control: Control) -> Iterator[Event]:
        self.began.append(chosen.name)
        events = scripted.completed()
        yield from events[:-2]
        end = time.monotonic() + 20
        while chosen.name not in self.over and time.monotonic() < end and not control.obey():
            time.sleep(0.01)
        stopped = control.obey()
        yield from [RunStopped(stopped)] if stopped else events[-2:]


async def test_the_next_begins_when_one_ends(tmp_path: Path) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        for name in ("first", "second", "third"):
            app.training.start(recipe(name))
        await until(pilot, lambda: engine.began == ["first"] and "2 waiting" in shown(app))
        engine.over.add("first")
        await until(pilot, lambda: engine.began == ["first", "second"])
        await until(pilot, lambda: "1 waiting" in shown(app))
        assert app.current_mode == "results", "the first one's results are read on"
        assert app.shown_run.value is not None
        assert app.shown_run.value.run.startswith("first")
        engine.over |= {"second", "third"}
        await until(pilot, lambda: engine.began == ["first", "second", "third"])
        await until(pilot, lambda: not app.training.running)


async def test_one_that_cannot_begin_says_why_and_waits_again_with_the_rest(
    tmp_path: Path,
) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path / "runs")
    app.training.fit = lambda chosen, *more: (
        engine.fit(chosen, *more) if chosen.name == "first" else engine_fit(chosen, *more)
    )
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        for name in ("first", "second", "third"):
            app.training.start(recipe(name))  # of photos that are not there
        await until(pilot, lambda: engine.began == ["first"])
        engine.over.add("first")
        await until(pilot, lambda: app.training.queue.resting)
        await until(
            pilot, lambda: any("in the queue again" in n.message for n in app._notifications)
        )
        assert "/photos" in list(app._notifications)[-1].message
        assert names(app.training.queue) == ["second", "third"]
        assert app.training.queue.resting
        await until(pilot, lambda: not app.training.running)


async def test_leaving_begins_nothing_more(tmp_path: Path) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(recipe("first"))
        app.training.start(recipe("second"))
        await pilot.press("q", "down", "down", "enter")
        await until(pilot, lambda: app._exit)
    app.training.queue.work.finish()
    assert engine.began == ["first"]
    assert names(app.training.queue) == ["second"], "it waits on"


async def test_an_app_offers_what_waits_from_before(tmp_path: Path) -> None:
    filled(tmp_path, [])
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "3 trainings wait" in shown(app))
        await pilot.press("enter", "5", "n")
        await until(pilot, lambda: "enter starts them" in shown(app))
        assert engine.began == []
        await pilot.press("enter")
        await until(pilot, lambda: engine.began == ["a"])
        await pilot.press("escape")
        engine.over |= set("abc")
        await until(pilot, lambda: engine.began == list("abc") and not app.training.running)


async def test_one_key_queues_the_four_rungs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        engine_door, "layers", lambda _model, size, classes, _spec: vgg(classes, size)
    )
    engine = Engine()
    app = BearApp(runs=tmp_path / "runs", fit=engine.fit)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5", "a")
        assert names(app.training.queue) == []
        app.photos.dataset.set(open_dataset(class_folders(tmp_path / "photos")))
        await pilot.press("a", "down", "enter")
        await until(pilot, lambda: engine.began == ["ladder-1-mlp"])
        rest = ["ladder-2-scratch", "ladder-3-head", "ladder-4-more"]
        await until(pilot, lambda: names(app.training.queue) == rest)
        assert (
            app.training.queue.waiting[2].unfreeze
            == "features.24,features.26,features.28,classifier"
        )
        clear(app.training.queue)
        engine.over.add("ladder-1-mlp")
        await until(pilot, lambda: not app.training.running)


def test_of_what_moved_meanwhile_the_one_that_was_meant_is_taken_out(tmp_path: Path) -> None:
    queue = filled(tmp_path, [])
    seen = queue.waiting
    queue_in(tmp_path).move(seen[2], 2, -2)
    queue.cancel(seen[0], 0)
    assert names(queue) == ["c", "b"]


def test_the_last_rungs_take_the_pretrained_model_that_is_chosen(tmp_path: Path) -> None:
    weights = str(tmp_path / "w.pth")
    chosen = default_recipe("/photos", "resnet18", weights)
    assert pretrained(chosen) == ("resnet18", weights)
    assert pretrained(None) == ("vgg16", "imagenet")
    assert pretrained(default_recipe("/photos", "mlp")) == ("vgg16", "imagenet")
