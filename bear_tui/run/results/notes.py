"""Notes on a test, as sentences: all that makes its figures look better than the model is."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bear_tui import json_file, metrics
from bear_tui.errors import Failure, Unreadable
from bear_tui.metrics import Figures
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import dataset_file, predictions_csv
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.run.results.tested import Tested, unreadable_note
from bear_tui.run.state import RunState

_OFTEN = 5
"""If so many runs were tested on the same photos, the best of them is best partly by luck."""


def notes_on_test(
    folder: RunFolder,
    state: RunState,
    figures: Figures,
    calibrated: Sequence[Prediction],
    tested: Tested,
    fingerprint: str | None,
) -> list[str]:
    """Return what a reader of this test has to know, most important first.

    `calibrated` are the rows of `tested` with calibrated probabilities.
    """
    log = folder.log_file if tested.recorded else None
    missing = unreadable_note(tested.unreadable, figures.support, log)
    return [
        *([missing] if missing else []),
        *_optimistic(folder, state, figures, calibrated, tested, fingerprint),
        *_uneven_classes(folder),
        *metrics.notes(figures),
    ]


def _optimistic(
    folder: RunFolder,
    state: RunState,
    figures: Figures,
    calibrated: Sequence[Prediction],
    tested: Tested,
    fingerprint: str | None,
) -> Iterator[str]:
    """Yield what makes the figures look better than the model is, worst first."""
    if tested.unknown:
        yield f"It is not known whether test photos also trained the model: {tested.unknown}"
    yield from _exact_copies(tested)
    yield from _near_copies(folder, figures.support, tested)
    yield from _missing_photos(tested)
    yield from _early_tests(state, tested)
    yield from _corrected_by_hand(folder, {row.path for row in calibrated}, tested.own)
    yield from _copies_in_validation(tested)
    yield from _unread_in_validation(folder, tested)
    yield from _validation_above(folder, state, figures, calibrated, tested)
    yield from _often_tested(folder, fingerprint, tested)
    yield from _miscalibrated(figures, calibrated)


def _exact_copies(tested: Tested) -> Iterator[str]:
    photos = tested.hashes.get("test", ())
    for split, what in (("train", "trained the model"), ("validation", "chose the weights")):
        others = set(tested.hashes.get(split, ()))
        if common := sum(digest in others for digest in photos):
            yield f"{common} of {len(photos)} test photos also {what}, so the result is optimistic."


def _near_copies(folder: RunFolder, photos: int, tested: Tested) -> Iterator[str]:
    """Yield notes on copies in another size or format, whose bytes differ."""
    pairs = [pair for pair in tested.pairs if pair.of == "test" and not pair.same_bytes]
    name = folder.lookalikes_file.name
    where = f" {name} in the run's folder lists them." if tested.recorded else ""
    for split, what in (
        ("train", "a training photo"),
        ("validation", "a validation photo, which chose the weights"),
    ):
        if count := sum(pair.split == split for pair in pairs):
            verb = "is" if count == 1 else "are"
            yield (
                f"{count} of {photos} test photos {verb} nearly the same as {what}: the result is "
                f"optimistic.{where}"
            )


def _missing_photos(tested: Tested) -> Iterator[str]:
    if tested.gone:
        learned = sum(len(tested.hashes.get(split, ())) for split in ("train", "validation"))
        yield (
            f"{tested.gone:,} of {learned:,} training and validation photos are no longer there: "
            "test photos could be compared with these by exact copies only."
        )


def _early_tests(state: RunState, tested: Tested) -> Iterator[str]:
    if state.early_tests and tested.own:
        times = "once" if state.early_tests == 1 else f"{state.early_tests} times"
        yield (
            f"The test photos were looked at {times} before the training was done. Decisions "
            "based on that make the result optimistic."
        )


def _corrected_by_hand(folder: RunFolder, paths: set[str], own: bool) -> Iterator[str]:
    """Yield how many test photos a person relabelled or left out, as far as names tell."""
    try:
        recipe = folder.recipe()
    except Failure:
        return
    root = Path(recipe.data)
    corrected = sum(
        str(root / path) in paths if label else own and path.startswith("test/")
        for path, label in recipe.corrections
    )
    if corrected:
        yield (
            f"{corrected} of the test photos were relabelled or left out by hand after the answers "
            "of a model had been seen, so the result is optimistic."
        )


def _copies_in_validation(tested: Tested) -> Iterator[str]:
    """Yield a note if the model may know validation photos by heart."""
    copies = len({pair.test for pair in tested.pairs if pair.of == "validation"})
    photos = len(tested.hashes.get("validation", ()))
    if copies and photos:
        verb = "shows" if copies == 1 else "show"
        yield (
            f"{copies} of {photos} validation photos {verb} the same as a training photo: they "
            "chose the best epoch and the temperature, and the validation accuracy is too high."
        )


def _unread_in_validation(folder: RunFolder, tested: Tested) -> Iterator[str]:
    photos = len(tested.hashes.get("validation", ()))
    read = len(predictions_csv.read(folder.validation_file)[1])
    if 0 < read < photos:
        yield (
            f"{photos - read:,} of {photos:,} validation photos could not be read: the other "
            f"{read:,} chose the best epoch and the temperature."
        )


def _validation_above(
    folder: RunFolder,
    state: RunState,
    figures: Figures,
    calibrated: Sequence[Prediction],
    tested: Tested,
) -> Iterator[str]:
    """Yield a note if validation lies above the test by more than chance does once in 40 times.

    If the test has another mix of classes, the validation accuracy is weighted to that mix.
    """
    row = next((row for row in state.history if row.epoch == state.best_epoch), None)
    validation, test = row.validation_accuracy if row else None, figures.accuracy
    photos = len(tested.hashes.get("validation", ()))
    if validation is None or test is None or not photos:
        return
    pooled = (validation * photos + test * figures.support) / (photos + figures.support)
    variance, mixed = pooled * (1 - pooled) / photos, ""
    _, rows = predictions_csv.read(folder.validation_file)
    if weighted := _weighted_accuracy(Counter(row.label for row in calibrated), rows):
        mixed = "" if abs(weighted[0] - validation) < 0.005 else " with the classes as in the test"
        validation, variance = weighted
    deviation = math.sqrt(variance + pooled * (1 - pooled) / figures.support)
    if validation - test > 1.96 * deviation:
        yield (
            f"Validation {validation:.1%}{mixed}, test {test:.1%}: more than chance. The test "
            "photos are of another kind, or validation photos resemble training photos."
        )


def _weighted_accuracy(mix: Counter[str], rows: Sequence[Prediction]) -> tuple[float, float] | None:
    """Return the accuracy of the rows if their classes were mixed as in `mix`, and its variance.

    None if a class has no rows. A class whose only row is right is not certain: the variance is
    taken as if there were one right and one wrong row more (Agresti and Coull, 1998).
    """
    count = Counter(row.label for row in rows)
    right = Counter(row.label for row in rows if row.right)
    if not mix or any(not count[name] for name in mix):
        return None
    accuracy = variance = 0.0
    for name, photos in mix.items():
        share, likely = photos / mix.total(), (right[name] + 1) / (count[name] + 2)
        accuracy += share * right[name] / count[name]
        variance += share**2 * likely * (1 - likely) / count[name]
    return accuracy, variance


def _often_tested(folder: RunFolder, fingerprint: str | None, tested: Tested) -> Iterator[str]:
    """Yield a note if many runs beside this one were tested on the same dataset."""
    if fingerprint is None or not tested.own:
        return
    others = folder.path.parent.glob(f"*/{folder.results_file.name}")
    runs = 1 + sum(
        _tested_dataset(path) == fingerprint for path in others if path.parent != folder.path
    )
    if runs >= _OFTEN:
        yield (
            f"{runs} runs were tested on these same photos: to choose the best of them by this "
            "test makes its result optimistic."
        )


def _tested_dataset(results: Path) -> str | None:
    """Return the fingerprint of the dataset that the run of this results.json was tested on.

    None if it was not tested or the file cannot be read.
    """
    try:
        document = json_file.read_object(results) or {}
    except Unreadable:
        return None
    return str(document.get("dataset_fingerprint")) if document.get("test") else None


def _miscalibrated(figures: Figures, calibrated: Sequence[Prediction]) -> Iterator[str]:
    if not calibrated or figures.accuracy_interval is None or figures.accuracy is None:
        return
    mean = sum(row.probability for row in calibrated) / len(calibrated)
    low, high = figures.accuracy_interval
    if not low <= mean <= high:
        word = "overconfident" if mean > high else "underconfident"
        yield (
            f"The model is {word}: {mean:.0%} confident on average, {figures.accuracy:.0%} "
            "correct. Do not read its percentages as probabilities."
        )


def _uneven_classes(folder: RunFolder) -> Iterator[str]:
    """Yield a note on rare classes, unless the loss was weighted by class."""
    try:
        dataset = dataset_file.read(folder.dataset_file)
        weighted = folder.recipe().class_weights != "none"
    except (OSError, Failure):
        return
    if dataset is None or weighted:
        return
    training = Counter(photo["label"] for photo in dataset.files if photo["split"] == "train")
    if note := metrics.uneven_note(training, metrics.BALANCED):
        yield note
