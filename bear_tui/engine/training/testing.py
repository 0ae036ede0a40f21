"""Test the best weights: at the end of a training, and early where a person asks."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

from torch import nn

from bear_tui.data.lookalikes import lookalikes
from bear_tui.engine.compute import distributed
from bear_tui.engine.inference import evaluate
from bear_tui.engine.inference.evaluate import Predictions
from bear_tui.engine.inference.overlap import paired
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.models import checkpoint
from bear_tui.engine.models.checkpoint import BEST, Checkpoint
from bear_tui.engine.setup.prepare import Setup
from bear_tui.engine.training.context import TrainingContext
from bear_tui.errors import Failure
from bear_tui.run.control import Control
from bear_tui.run.disk_full import write_when_possible
from bear_tui.run.events import EarlyTestCompleted, RunStopped, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import lookalikes as lookalikes_file
from bear_tui.run.results.lookalikes import Pair

log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The person asked to stop; everything is saved."""


def last_test(context: TrainingContext) -> TestCompleted | RunStopped:
    """Test the best weights, with a row for each photo in the run's folder, unless stopped."""
    try:
        return _last_test(context)
    except _Stopped as stopped:
        return RunStopped(str(stopped))


def _last_test(context: TrainingContext) -> TestCompleted:
    setup, folder, control = context.setup, context.folder, context.control
    path = folder.checkpoints / BEST
    best = distributed.from_first(checkpoint.load(path) if distributed.rank() == 0 else None)
    assert best is not None
    setup.model.load_state_dict(best.model)
    # A temperature is fitted to what the same weights predict for the validation photos.
    validated = evaluate.predict_validation(context.source, setup)
    classes = setup.dataset.classes
    write = partial(evaluate.write_predictions, folder.validation_file, classes, validated)
    write_when_possible(write, control)

    tested = _predict_test(context, control.obey)
    path = folder.predictions_file
    write_when_possible(partial(evaluate.write_predictions, path, classes, tested), control)
    if distributed.rank() == 0:
        pairs = _lookalikes(setup, control)
        write_when_possible(partial(lookalikes_file.write, folder.lookalikes_file, pairs), control)
    return TestCompleted(
        tested.loss(),
        tested.accuracy(),
        tested.confusion_matrix(),
        str(path),
        len(setup.dataset.test) - len(tested.photos),
    )


def early_test(context: TrainingContext) -> EarlyTestCompleted | None:
    """Test the best weights so far, and change nothing.

    None where there are none yet, they cannot be read, or somebody stops the run meanwhile: the
    training handles that.
    """
    setup, control = context.setup, context.control
    first = distributed.rank() == 0
    best = distributed.from_first(_best_so_far(context.folder) if first else None)
    if best is None:
        return None
    epoch = best.progress.best_epoch
    try:
        with control.busy(f"testing the weights of epoch {epoch}"), _weights(setup.model, best):
            tested = _predict_test(context, lambda: control.stopping)
    except (_Stopped, Failure) as why:
        log.info("no test now: %s", why)
        return None
    photos = len(tested.photos)
    unreadable = len(setup.dataset.test) - photos
    return EarlyTestCompleted(epoch, tested.loss(), tested.accuracy(), photos, unreadable)


def _best_so_far(folder: RunFolder) -> Checkpoint | None:
    try:
        return checkpoint.load(folder.checkpoints / BEST)
    except Failure as why:
        log.info("no test now: %s", why)
        return None


@contextmanager
def _weights(model: nn.Module, other: Checkpoint) -> Iterator[None]:
    """Give the model other weights for a while; then restore every bit, and its modes."""
    own = checkpoint.copy_of(model.state_dict())
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.load_state_dict(other.model)
        yield
    finally:
        model.load_state_dict(own)
        for module, training in modes:
            module.training = training


def _lookalikes(setup: Setup, control: Control) -> list[Pair]:
    """Which test photos the training has seen, in the same file or another. Raises _Stopped."""

    def stop_if_asked(_done: int, _total: int) -> None:
        if distributed.size() == 1 and (reason := control.obey()):
            raise _Stopped(reason)

    root, entries = setup.dataset.root, setup.description["files"]
    digests = {str(root / entry["path"]): entry["sha256"] for entry in entries}
    return paired(lookalikes(setup.dataset, stop_if_asked), digests)


def _predict_test(context: TrainingContext, stopping: Callable[[], str]) -> Predictions:
    """Predictions for the test photos, joined with those of all other processes.

    Raises _Stopped where `stopping` gives a reason, and Failure where no photo can be read.
    """

    def stop_if_asked(_done: int) -> None:
        # Several processes have their own photos here, and do not meet after each batch.
        if distributed.size() == 1 and (reason := stopping()):
            raise _Stopped(reason)

    setup, source = context.setup, context.source
    recipe, dataset = setup.recipe, setup.dataset
    at_once = min(source.batch_size, source.micro_batch.at_most)
    own = dataset.test[distributed.rank() :: distributed.size()]
    labels = [dataset.index[photo.label] for photo in own]
    framed = (recipe.image_size, recipe.framing, recipe.interpolation)
    with closing(DecodedImages(own, labels, *framed)) as photos:
        predictions = evaluate.predict_photos(
            setup.model, photos, setup.compute, setup.entry.statistics, at_once, stop_if_asked
        )
    predictions = evaluate.join(distributed.gather(predictions), dataset.test)
    if not predictions.photos:
        raise Failure("no test photo could be read; `bear-tui check` on the dataset says why.")
    return predictions
