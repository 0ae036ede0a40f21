"""One training from its recipe to its results: the engine's front door."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import torch

from bear_tui import files
from bear_tui.catalog import find_model
from bear_tui.data.dataset import Dataset
from bear_tui.engine import checkpoint, device, evaluate, models, ranks
from bear_tui.engine.inputs import Inputs
from bear_tui.engine.photos import Photos
from bear_tui.engine.setup import Setup, prepare
from bear_tui.engine.trainer import Stopped, Trainer
from bear_tui.errors import Failure
from bear_tui.recipe import Recipe, to_toml
from bear_tui.run import results
from bear_tui.run.control import Control
from bear_tui.run.events import (
    Event,
    RunCompleted,
    RunFailed,
    RunStarted,
    RunStopped,
    TestCompleted,
)
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal

log = logging.getLogger("bear_tui")


def fit(recipe: Recipe, folder: RunFolder, control: Control) -> Iterator[Event]:
    """Train as the recipe says, into `folder`, and tell it event by event.

    Goes on from the last checkpoint where the folder has one. Raises BadInput for what can be
    known before anything is written; after RunStarted the last event says how the run ended.
    """
    ranks.join()
    setup = prepare(recipe)
    last = folder.checkpoints / "last.pt"
    saved = ranks.from_first(checkpoint.load(last) if last.is_file() else None)
    trainer = Trainer(recipe, setup, folder, control)
    with closing(trainer.inputs):
        if saved is not None:
            trainer.restore(saved)
        if not folder.path.exists():
            folder.create(recipe)
        with folder.lock(time.time()), _log_to(folder), closing(_journal(folder)) as journal:
            files.write_text(folder.recipe_file, to_toml(recipe))
            final: Event
            try:
                for event in _events(trainer, folder):
                    journal.append(event)
                    yield event
                final = RunCompleted()
            except Stopped as stopped:
                final = RunStopped(str(stopped))
            except Failure as failure:
                final = RunFailed(str(failure))
            except OSError as error:
                final = RunFailed(str(files.explain(error, folder.path)))
            except torch.OutOfMemoryError:
                final = RunFailed(_out_of_memory(trainer.inputs.batch_size))
            except Exception as error:  # whatever it is, the run ends with a sentence
                log.exception("the training broke off")
                kind = type(error).__name__
                final = RunFailed(f"{kind}: {error}. All of it is in {folder.log_file}.")
            with suppress(OSError):  # a full disk: what is on it already tells the rest
                journal.append(final)
                results.write(folder)
            yield final


def _events(trainer: Trainer, folder: RunFolder) -> Iterator[Event]:
    recipe, setup = trainer.recipe, trainer.setup
    trainable, total = models.parameter_counts(setup.model)
    device.set_threads(recipe.model, recipe.image_size)
    files.write_text(folder.dataset_file, json.dumps(setup.description, indent=1))
    for note in setup.notes:
        log.info(note)
    yield RunStarted(
        run=folder.run,
        device=str(setup.compute.device),
        precision=setup.compute.precision,
        classes=setup.dataset.classes,
        epochs=recipe.epochs,
        start_epoch=trainer.progress.epoch,
        trainable_parameters=trainable,
        total_parameters=total,
    )
    yield from trainer.epochs()
    yield _test(recipe, setup, folder, trainer.inputs)


def _test(recipe: Recipe, setup: Setup, folder: RunFolder, inputs: Inputs) -> TestCompleted:
    """The best weights on the test photos, which nothing has looked at before."""
    path = folder.checkpoints / "best.pt"
    best = ranks.from_first(checkpoint.load(path) if ranks.rank() == 0 else None)
    assert best is not None
    setup.model.load_state_dict(best.model)
    # What the same weights say of the validation photos: a temperature is fitted to it.
    validated = evaluate.validated(inputs, setup)
    evaluate.write_predictions(folder.validation_file, setup.dataset.classes, validated)
    statistics, at_once = (
        find_model(recipe.model).statistics,
        min(inputs.batch_size, inputs.at_most),
    )
    with closing(test_photos(setup.dataset, recipe.image_size)) as photos:
        found = evaluate.answers(setup.model, photos, setup.compute, statistics, at_once)
    found = evaluate.join(ranks.gather(found), setup.dataset.test)
    if not found.photos:
        raise Failure("no test photo could be read; `bear-tui check` on the dataset says why.")
    evaluate.write_predictions(folder.predictions_file, setup.dataset.classes, found)
    return TestCompleted(
        found.loss(), found.accuracy(), found.confusion_matrix(), str(folder.predictions_file)
    )


def test_photos(dataset: Dataset, size: int) -> Photos:
    """The test photos, this process's part of them, to be decoded when asked for."""
    photos = dataset.test[ranks.rank() :: ranks.size()]
    return Photos(photos, [dataset.index[photo.label] for photo in photos], size)


def _journal(folder: RunFolder) -> Journal:
    try:
        return Journal(folder.journal_file)
    except OSError as error:
        raise files.explain(error, folder.journal_file) from None


@contextmanager
def _log_to(folder: RunFolder) -> Iterator[None]:
    """Send what the package logs to the run's log.txt while it trains."""
    handler = logging.FileHandler(folder.log_file, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(handler)
        handler.close()


def _out_of_memory(batch_size: int) -> str:
    smaller = max(1, batch_size // 2)
    return (
        f"the GPU's memory ran out at batch size {batch_size}; train again with "
        f"--batch-size {smaller}, a smaller --image-size, or fewer layers unfrozen."
    )
