"""One training from its recipe to its results: the engine's front door."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from bear_tui import files, memory
from bear_tui.data.dataset import Dataset
from bear_tui.engine.compute import device, distributed
from bear_tui.engine.models import checkpoint, freezing
from bear_tui.engine.models.checkpoint import LAST
from bear_tui.engine.setup.prepare import prepare, told_in_a_sentence
from bear_tui.engine.training.resume import go_on
from bear_tui.engine.training.testing import Stopped, last_test
from bear_tui.engine.training.trainer import Trainer
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.disk_full import write_when_possible
from bear_tui.run.events import (
    Event,
    RunCompleted,
    RunFailed,
    RunStarted,
    RunStopped,
)
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results import summary
from bear_tui.text import safe

log = logging.getLogger("bear_tui")


def fit(
    recipe: Recipe,
    folder: RunFolder,
    control: Control,
    accept_changes: bool = False,
    opened: Dataset | None = None,
) -> Iterator[Event]:
    """Train as the recipe says, into `folder`, and tell it event by event.

    Goes on from the last checkpoint where the folder has one; on photos that have changed since
    only with `accept_changes`. Epochs and learning rate of a run that was begun before are changed
    where the recipe has others than it began with, or `control` was asked for others: its own
    recipe stays as it is. `opened` is the recipe's dataset where it is open already. Raises
    BadInput for what can be known before anything is written; after RunStarted the last event says
    how the run ended.
    """
    try:
        yield from _train(recipe, folder, control, accept_changes, opened)
    finally:
        memory.give_back()


def _train(
    recipe: Recipe,
    folder: RunFolder,
    control: Control,
    accept_changes: bool,
    opened: Dataset | None,
) -> Iterator[Event]:
    if folder.being_trained():
        raise folder.taken()
    with told_in_a_sentence(recipe.batch_size, recipe.data):
        distributed.join(recipe.device, stopping=lambda: control.stopping)
        goes_on = distributed.from_first(files.is_file(folder.checkpoints / LAST))
        recipe, asked = distributed.from_first(_begun_with(recipe, folder))
        before = folder.dataset_file if goes_on else None
        setup = prepare(recipe, opened, goes_on, before, lambda: control.stopping)
        trainer = Trainer(recipe, setup, folder, control)
    with closing(trainer.inputs):
        if not files.exists(folder.path):
            folder.create(recipe)
        with _held(folder, control) as journal:
            go_on(trainer, folder, accept_changes)
            final: Event
            try:
                with told_in_a_sentence(trainer.inputs.batch_size, folder.path):
                    for event in _events(trainer, folder, control, asked):
                        write_when_possible(partial(journal.append, event), control)
                        yield event
                final = RunCompleted()
            except Stopped as stopped:
                final = RunStopped(str(stopped))
            except Failure as failure:
                final = RunFailed(str(failure))
            except Exception as error:  # whatever it is, the run ends with a sentence
                log.exception("the training broke off")
                kind = type(error).__name__
                final = RunFailed(f"{kind}: {error}. All of it is in {folder.log_file}.")
            # A full disk: what is on it already tells the rest.
            with suppress(OSError, Failure):
                journal.append(final)
                summary.write(folder)
            yield final


def _begun_with(recipe: Recipe, folder: RunFolder) -> tuple[Recipe, dict[str, float]]:
    """The recipe with the epochs and the learning rate that the run began with, and what else it
    asks for."""
    if not files.exists(folder.recipe_file):
        return recipe, {}
    begun = folder.recipe()
    own = {name: getattr(begun, name) for name in ("epochs", "learning_rate")}
    asked = {name: getattr(recipe, name) for name in own if getattr(recipe, name) != own[name]}
    return replace(recipe, **own), asked


def _events(
    trainer: Trainer, folder: RunFolder, control: Control, asked: dict[str, float]
) -> Iterator[Event]:
    recipe, setup = trainer.recipe, trainer.setup
    trainable, total = freezing.parameter_counts(setup.model)
    device.set_threads(recipe.model, recipe.image_size)
    files.write_text(folder.dataset_file, json.dumps(setup.description, indent=1))
    for note in setup.notes:
        log.info(note)
    wanted = distributed.from_first({**asked, **control.take_wanted()})
    changed = trainer.change(wanted, trainer.progress.epoch - 1)
    yield RunStarted(
        run=folder.run,
        device=str(setup.compute.device),
        precision=setup.compute.precision,
        classes=setup.dataset.classes,
        epochs=trainer.schedule.epochs,
        start_epoch=trainer.progress.epoch,
        trainable_parameters=trainable,
        total_parameters=total,
        filling=trainer.inputs.filling,
    )
    if changed is not None:
        yield changed
    yield from trainer.epochs()
    yield last_test(recipe, setup, trainer.inputs, folder, control)


@contextmanager
def _held(folder: RunFolder, control: Control) -> Iterator[Journal]:
    """The run's folder with this process as its one trainer: its journal."""
    with folder.lock(time.time()) as tell, ExitStack() as stack:
        try:
            files.refuse_link(folder.checkpoints)
            checkpoint.remove_unfinished(folder.checkpoints)
            if folder.handed_over():
                control.take_over(folder.control_file)
            files.empty(folder.control_file)  # what was asked of a trainer before is over
            stack.enter_context(_log_to(folder))
            journal = stack.enter_context(closing(Journal(folder.journal_file)))
        except OSError as error:
            raise files.explain(error, folder.path) from None
        control.listen(folder.control_file, tell)
        yield journal


class _RunLog(logging.FileHandler):
    """log.txt. What a full disk does not take is left out, without a word on the terminal."""

    def _open(self) -> TextIOWrapper:
        file = files.open_to_append(Path(self.baseFilename))
        return TextIOWrapper(file, encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        return

    def close(self) -> None:
        with suppress(OSError):  # what it could not write before
            super().close()


class _SafeLine(logging.Formatter):
    """A record as a line with nothing that a terminal obeys: people `cat` log.txt."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return safe(super().formatMessage(record), _LONGEST_LINE)

    def formatException(self, ei: Any) -> str:
        lines = super().formatException(ei).splitlines()
        return "\n".join(safe(line, _LONGEST_LINE) for line in lines)


_LONGEST_LINE = 10_000


@contextmanager
def _log_to(folder: RunFolder) -> Iterator[None]:
    """Send what the package logs to the run's log.txt while it trains."""
    handler = _RunLog(folder.log_file, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_SafeLine("%(asctime)s %(message)s"))
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(handler)
        handler.close()
