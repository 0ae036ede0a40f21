"""One training from its recipe to its results: the engine's front door.

fit resolves the recipe, prepares model and photos, and lets a Trainer take the steps.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial

from bear_tui import files, memory
from bear_tui.engine.compute import device, distributed
from bear_tui.engine.compute.failures import as_failure
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import checkpoint, freezing
from bear_tui.engine.models.checkpoint import LAST
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import ResolvedRun, resolve
from bear_tui.engine.training.context import TrainingContext
from bear_tui.engine.training.resume import resume
from bear_tui.engine.training.run_log import log_to
from bear_tui.engine.training.testing import last_test
from bear_tui.engine.training.trainer import Trainer
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.disk_full import write_when_possible
from bear_tui.run.events import Event, RunCompleted, RunFailed, RunStarted, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.run.results import summary

log = logging.getLogger("bear_tui")


def fit(
    run: Recipe | ResolvedRun, folder: RunFolder, control: Control, accept_changes: bool = False
) -> Iterator[Event]:
    """Train as a recipe says, into `folder`, and yield each event.

    `run` is a recipe, or what `resolve` made of it. Resumes from the last checkpoint where the
    folder has one; on photos that have changed since only with `accept_changes`. A resumed run
    keeps its own recipe: other epochs or another learning rate in `run`, or asked for through
    `control`, change its schedule from where it stands. Raises BadInput for what can be known
    before anything is written; after RunStarted the last event says how the run ended.
    """
    try:
        yield from _fit(run, folder, control, accept_changes)
    finally:
        memory.give_back()


def _fit(
    run: Recipe | ResolvedRun, folder: RunFolder, control: Control, accept_changes: bool
) -> Iterator[Event]:
    if folder.being_trained():
        raise folder.taken()
    asked = run.recipe if isinstance(run, ResolvedRun) else run
    with as_failure(asked.batch_size, asked.data):
        distributed.join(asked.device, stopping=lambda: control.stopping)
        resuming = distributed.from_first(files.is_file(folder.checkpoints / LAST))
        recipe, wanted = distributed.from_first(_own_recipe(asked, folder))
        if isinstance(run, ResolvedRun):
            resolved = replace(run, recipe=recipe)
        else:
            resolved = resolve(recipe, resuming=resuming)
        recorded = folder.dataset_file if resuming else None
        setup = prepare(resolved, recorded, lambda: control.stopping)
        context = TrainingContext(setup, BatchSource(setup), folder, control)
        trainer = Trainer(context)
    with closing(context.source):
        if not files.exists(folder.path):
            folder.create(recipe)
        with _as_trainer_of(folder, control) as journal:
            resume(trainer, accept_changes)
            final: Event = RunCompleted()
            try:
                with as_failure(context.source.batch_size, folder.path):
                    for event in _events(trainer, wanted):
                        if isinstance(event, RunStopped):
                            final = event  # the last one
                        else:
                            write_when_possible(partial(journal.append, event), control)
                            yield event
            except Failure as failure:
                final = RunFailed(str(failure))
            except Exception as error:  # any error ends the run with a sentence
                log.exception("the training failed")
                kind = type(error).__name__
                final = RunFailed(f"{kind}: {error}. All of it is in {folder.log_file}.")
            # On a full disk, what was written before has to do.
            with suppress(OSError, Failure):
                journal.append(final)
                summary.write(folder)
            yield final


def _own_recipe(asked: Recipe, folder: RunFolder) -> tuple[Recipe, dict[str, float]]:
    """Return the recipe with the run's own epochs and learning rate, and those that differ now.

    Nothing differs for a new run.
    """
    if not files.exists(folder.recipe_file):
        return asked, {}
    begun = folder.recipe()
    own = {name: getattr(begun, name) for name in ("epochs", "learning_rate")}
    wanted = {name: getattr(asked, name) for name in own if getattr(asked, name) != own[name]}
    return replace(asked, **own), wanted


def _events(trainer: Trainer, wanted: dict[str, float]) -> Iterator[Event]:
    """Train and test; ends with RunStopped where somebody asks for it."""
    context, setup = trainer.context, trainer.context.setup
    trainable, total = freezing.parameter_counts(setup.model)
    device.set_threads(setup.entry, setup.recipe.image_size)
    files.write_text(context.folder.dataset_file, json.dumps(setup.description, indent=1))
    for note in setup.notes:
        log.info(note)
    wanted = distributed.from_first({**wanted, **context.control.take_wanted()})
    changed = trainer.change(wanted, trainer.progress.epoch - 1)
    yield RunStarted(
        run=context.folder.run,
        device=str(setup.compute.device),
        precision=setup.compute.precision,
        classes=setup.dataset.classes,
        epochs=trainer.schedule.epochs,
        start_epoch=trainer.progress.epoch,
        trainable_parameters=trainable,
        total_parameters=total,
        filling=context.source.epochs_to_fill,
    )
    if changed is not None:
        yield changed
    for event in trainer.epochs():
        yield event
        if isinstance(event, RunStopped):
            return
    yield last_test(context)


@contextmanager
def _as_trainer_of(folder: RunFolder, control: Control) -> Iterator[Journal]:
    """Hold the run's folder as its one trainer, and open its journal."""
    with folder.lock(time.time()) as tell_waiting, ExitStack() as stack:
        try:
            files.refuse_link(folder.checkpoints)
            checkpoint.remove_unfinished(folder.checkpoints)
            if folder.handed_over():
                control.take_over(folder.control_file)
            files.empty(folder.control_file)  # requests to an earlier trainer are void
            stack.enter_context(log_to(folder))
            journal = stack.enter_context(closing(Journal(folder.journal_file)))
        except OSError as error:
            raise files.explain(error, folder.path) from None
        control.listen(folder.control_file, tell_waiting)
        yield journal
