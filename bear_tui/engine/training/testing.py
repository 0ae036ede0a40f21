"""The best weights on the test photos: when the training is done, and early where a person asks."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

from torch import nn

from bear_tui.catalog import find_model
from bear_tui.data.lookalikes import lookalikes
from bear_tui.engine.compute import distributed
from bear_tui.engine.inference import evaluate
from bear_tui.engine.inference.evaluate import Answers
from bear_tui.engine.inference.overlap import paired
from bear_tui.engine.inputs.decoded_images import Photos
from bear_tui.engine.inputs.source import Inputs
from bear_tui.engine.models import checkpoint
from bear_tui.engine.models.checkpoint import BEST, Checkpoint
from bear_tui.engine.setup.prepare import Setup
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.disk_full import write_when_possible
from bear_tui.run.events import EarlyTestCompleted, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import lookalikes as pairs

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The person asked to stop; everything is saved."""


def last_test(
    recipe: Recipe, setup: Setup, inputs: Inputs, folder: RunFolder, control: Control
) -> TestCompleted:
    """What the run comes to, with a row for each photo in its folder. May raise Stopped."""
    path = folder.checkpoints / BEST
    best = distributed.from_first(checkpoint.load(path) if distributed.rank() == 0 else None)
    assert best is not None
    setup.model.load_state_dict(best.model)
    # What the same weights say of the validation photos: a temperature is fitted to it.
    validated = evaluate.validated(inputs, setup)
    classes = setup.dataset.classes
    write = partial(evaluate.write_predictions, folder.validation_file, classes, validated)
    write_when_possible(write, control)

    found = _asked(recipe, setup, inputs, control.obey)
    path = folder.predictions_file
    write_when_possible(partial(evaluate.write_predictions, path, classes, found), control)
    if distributed.rank() == 0:
        alike = _lookalikes(setup, control)
        write_when_possible(partial(pairs.write, folder.lookalikes_file, alike), control)
    return TestCompleted(
        found.loss(),
        found.accuracy(),
        found.confusion_matrix(),
        str(path),
        len(setup.dataset.test) - len(found.photos),
    )


def early_test(
    recipe: Recipe, setup: Setup, inputs: Inputs, folder: RunFolder, control: Control
) -> EarlyTestCompleted | None:
    """How the best weights so far do; nothing is changed by it. None where there are none yet,
    they cannot be read, or a stop is asked for meanwhile: that is for the training to obey."""
    best = distributed.from_first(_best_so_far(folder) if distributed.rank() == 0 else None)
    if best is None:
        return None
    epoch = best.progress.best_epoch
    try:
        with control.busy(f"testing the weights of epoch {epoch}"), _weights(setup.model, best):
            found = _asked(recipe, setup, inputs, lambda: control.stopping)
    except (Stopped, Failure) as why:
        log.info("no test now: %s", why)
        return None
    photos = len(found.photos)
    unreadable = len(setup.dataset.test) - photos
    return EarlyTestCompleted(epoch, found.loss(), found.accuracy(), photos, unreadable)


def _best_so_far(folder: RunFolder) -> Checkpoint | None:
    try:
        return checkpoint.load(folder.checkpoints / BEST)
    except Failure as why:
        log.info("no test now: %s", why)
        return None


@contextmanager
def _weights(model: nn.Module, other: Checkpoint) -> Iterator[None]:
    """The model with these weights for a while; then every bit is as it was, its modes too."""
    kept = checkpoint.copy_of(model.state_dict())
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.load_state_dict(other.model)
        yield
    finally:
        model.load_state_dict(kept)
        for module, training in modes:
            module.training = training


def _lookalikes(setup: Setup, control: Control) -> list[pairs.Pair]:
    """Which test photos the training has seen, in the same file or another. May raise Stopped."""

    def obey(_done: int, _total: int) -> None:
        if distributed.size() == 1 and (reason := control.obey()):
            raise Stopped(reason)

    root, entries = setup.dataset.root, setup.description["files"]
    digests = {str(root / one["path"]): one["sha256"] for one in entries}
    return paired(lookalikes(setup.dataset, obey), digests)


def _asked(recipe: Recipe, setup: Setup, inputs: Inputs, stopping: Callable[[], str]) -> Answers:
    """What the model says of the test photos, this process's part of them joined with all others'.

    Raises Stopped where `stopping` gives a reason, and Failure where no photo can be read.
    """

    def obey(_done: int) -> None:
        # Several processes have their own photos here, and do not meet after each batch.
        if distributed.size() == 1 and (reason := stopping()):
            raise Stopped(reason)

    dataset, statistics = setup.dataset, find_model(recipe.model).statistics
    at_once = min(inputs.batch_size, inputs.at_most)
    mine = dataset.test[distributed.rank() :: distributed.size()]
    labels = [dataset.index[photo.label] for photo in mine]
    seen = (recipe.image_size, recipe.framing, recipe.interpolation)
    with closing(Photos(mine, labels, *seen)) as photos:
        found = evaluate.answers(setup.model, photos, setup.compute, statistics, at_once, obey)
    found = evaluate.join(distributed.gather(found), dataset.test)
    if not found.photos:
        raise Failure("no test photo could be read; `bear-tui check` on the dataset says why.")
    return found
