"""Resume a run from its newest good checkpoint, if its photos are the same."""

import logging

from bear_tui.data.changes import changes
from bear_tui.engine.compute import distributed
from bear_tui.engine.models import checkpoint
from bear_tui.engine.models.checkpoint import Checkpoint
from bear_tui.engine.training.context import TrainingContext
from bear_tui.engine.training.trainer import Trainer
from bear_tui.errors import BadInput, Failure, PhotosChanged, Unreadable
from bear_tui.run.results import dataset_file
from bear_tui.text import counted

log = logging.getLogger(__name__)


def resume(trainer: Trainer, accept_changes: bool) -> None:
    """Restore the trainer from the run's last checkpoint, if it has one.

    The caller holds the run's lock. Raises Failure where no good checkpoint is left, PhotosChanged
    where the photos differ and `accept_changes` is not set.
    """
    folder = trainer.context.folder
    first = distributed.rank() == 0
    latest = checkpoint.load_latest(folder.checkpoints) if first else (None, [])
    saved, damaged = distributed.from_first(latest)
    if saved is None:
        state = folder.state()
        if state.checkpoint:
            raise Failure(
                f"{folder.checkpoints}: no checkpoint is left of "
                f"{counted(state.epochs_done, 'epoch')}; "
                f"`bear-tui train --recipe {folder.recipe_file}` starts anew."
            )
        return
    for change in distributed.from_first(folder.state().changes if first else ()):
        trainer.schedule.apply(change)
    for path in damaged if first else ():
        log.warning(
            "%s: damaged; resuming from the checkpoint before it, %s.", path, saved.progress
        )
        # Renamed, or the next save would keep it as previous.pt.
        path.replace(path.with_suffix(".damaged"))
    _compare(saved, trainer.context, accept_changes)
    trainer.restore(saved)


def _compare(saved: Checkpoint, context: TrainingContext, accept_changes: bool) -> None:
    setup, data = context.setup, context.setup.recipe.data
    classes = setup.dataset.classes
    if saved.classes != classes:
        before, now = ", ".join(saved.classes), ", ".join(classes)
        raise BadInput(f"{data}: the classes were {before} and are {now} now; start a new run.")
    if saved.fingerprint == setup.fingerprint:
        return
    what = f"{data}: the photos have changed since this run was started{_changed_photos(context)}"
    if not accept_changes:
        raise PhotosChanged(
            f"{what}; put them back, start a new run, or continue with them as they are: "
            "`resume --accept-changes`."
        )
    log.warning("%s; epoch %d starts again with them.", what, saved.progress.epoch)


def _changed_photos(context: TrainingContext) -> str:
    try:
        before = dataset_file.read(context.folder.dataset_file)
    except Unreadable:
        return ""
    if before is None:
        return ""
    named = changes(before.files, context.setup.description["files"])
    return f": {named}" if named else ""
