"""How far a tested run can be trusted: calibration, top-k, and notes on all that flatters it."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bear_tui import json_file, metrics
from bear_tui.errors import Failure, Unreadable
from bear_tui.metrics import Figures
from bear_tui.run.events import EarlyTestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import dataset_file, predictions_csv, temperature_scaling, tested
from bear_tui.run.results.predictions_csv import Answered
from bear_tui.run.results.temperature_scaling import Temperature
from bear_tui.run.results.tested import Tested
from bear_tui.run.state import RunState

Document = dict[str, Any]

TOP_K = 5
_MANY_CLASSES = 10
"""With more classes than this, being among the likeliest few is worth knowing."""
_OFTEN = 5
"""So many runs tested on the same photos, and the best of them is best partly by luck."""


def extras(
    folder: RunFolder, state: RunState, result: Figures, fingerprint: str | None, test: Tested
) -> Document:
    """What `show` tells of a test beyond its confusion matrix, and of its mistakes how sure they
    are as chances; `fingerprint` is the dataset's.
    """
    temperature = temperature_scaling.of_state(folder, state)
    believed = temperature_scaling.rows_at(temperature, test.rows)
    log = folder.log_file if test.recorded else None
    missing = tested.note(test.unreadable, result.support, log)
    return {
        "mistakes": predictions_csv.mistakes(map(predictions_csv.document, believed)),
        "top_k": _top_k(test.classes, test.rows),
        "calibration": _calibration(test.classes, test.rows, temperature),
        "lookalikes": [one for one in test.pairs if one.of == "test"],
        "notes": [
            *([missing] if missing else []),
            *_flattery(folder, state, result, believed, test, fingerprint),
            *_uneven(folder),
            *metrics.notes(result),
        ],
    }


def _uneven(folder: RunFolder) -> Iterator[str]:
    """Rare classes that count little, as nobody has asked that they count alike."""
    try:
        dataset = dataset_file.read(folder.dataset_file)
        weighted = folder.recipe().class_weights != "none"
    except (OSError, Failure):
        return
    if dataset is None or weighted:
        return
    training = Counter(one["label"] for one in dataset.files if one["split"] == "train")
    if note := metrics.uneven_note(training, metrics.BALANCED):
        yield note


def early_line(test: EarlyTestCompleted) -> str:
    """`38 of 40 right, 95.0% (83.5 – 98.6%), weights of epoch 3`, and how many were not read."""
    right = round(test.accuracy * test.photos)
    low, high = metrics.wilson_interval(right, test.photos) or (0.0, 1.0)
    missing = metrics.unreadable_photos(test.unreadable, test.photos)
    return (
        f"{right:,} of {test.photos:,} right, {test.accuracy:.1%} "
        f"({low * 100:.1f} – {high:.1%}), weights of epoch {test.epoch}"
        f"{f'; {missing}' if missing else ''}"
    )


def calibration_line(found: Document) -> str:
    """`calibration error 3.0%, 8.0% before; percentages at temperature 2.10`."""
    before, after = (found[f"expected_calibration_error{when}"] for when in ("", "_at_temperature"))
    if after is None:
        return f"calibration error {before:.1%}; {found['words']}"
    return f"calibration error {after:.1%}, {before:.1%} before; {found['words']}"


def _top_k(classes: Sequence[str], tested: Sequence[Answered]) -> Document | None:
    if len(classes) <= _MANY_CLASSES or not tested:
        return None
    known = {name: index for index, name in enumerate(classes)}
    rows = [one for one in tested if one.label in known]
    labels = [known[one.label] for one in rows]
    share = metrics.top_k_accuracy([one.probabilities for one in rows], labels, TOP_K)
    return {"k": TOP_K, "accuracy": share}


def _calibration(
    classes: Sequence[str], tested: Sequence[Answered], temperature: Temperature
) -> Document | None:
    """The calibration error on the test photos, as the network has it and at the temperature."""
    if not tested:
        return None
    from bear_tui import calibration

    shares, labels = temperature_scaling.arrays(classes, tested)
    if not len(labels):
        return None
    after = None
    if temperature.value is not None:
        cooled = calibration.at_temperature(shares, temperature.value)
        after = calibration.expected_calibration_error(cooled, labels)
    return {
        "expected_calibration_error": calibration.expected_calibration_error(shares, labels),
        "temperature": temperature.value,
        "expected_calibration_error_at_temperature": after,
        "words": temperature.words,
    }


def _flattery(
    folder: RunFolder,
    state: RunState,
    result: Figures,
    rows: Sequence[Answered],
    test: Tested,
    fingerprint: str | None,
) -> Iterator[str]:
    """What makes the figures look better than the model is, worst first."""
    if test.unknown:
        yield f"Whether test photos also trained the model is not known: {test.unknown}"
    hashes, photos = test.hashes, test.hashes.get("test", ())
    for split, what in (("train", "trained the model"), ("validation", "chose the weights")):
        others = set(hashes.get(split, ()))
        common = sum(one in others for one in photos)
        if common:
            yield f"{common} of {len(photos)} test photos also {what}: the result flatters it."
    yield from _nearly_the_same(folder, result.support, test)
    if test.gone:
        learned = sum(len(hashes.get(split, ())) for split in ("train", "validation"))
        yield (
            f"{test.gone:,} of {learned:,} training and validation photos are no longer there: "
            "whether test photos show the same as one of them was told by exact copies alone."
        )
    if state.looks and test.own:
        times = "once" if state.looks == 1 else f"{state.looks} times"
        yield (
            f"The test photos were looked at {times} before the training was done: whatever was "
            "decided after that was decided with them, and the result flatters it."
        )
    corrected = _corrected_test_photos(folder, {one.path for one in rows}, test.own)
    if corrected:
        yield (
            f"{corrected} of the test photos relabelled or left out by hand after a model had been "
            "seen to answer otherwise: that flatters it."
        )
    yield from _copies_in_validation(test)
    yield from _unread_in_validation(folder, test)
    yield from _validation_above(folder, state, result, rows, len(hashes.get("validation", ())))
    runs = _tested_alike(folder, fingerprint) if test.own else 0
    if runs >= _OFTEN:
        yield (
            f"{runs} runs were tested on these same photos: choosing the best of them is choosing "
            "by test photos, and flatters it."
        )
    yield from _too_sure(result, rows)


def _nearly_the_same(folder: RunFolder, photos: int, test: Tested) -> Iterator[str]:
    """Copies in another size or format, which their bytes do not give away."""
    pairs = [one for one in test.pairs if one.of == "test" and not one.same_bytes]
    name = folder.lookalikes_file.name
    which = f" {name} in the run's folder says which." if test.recorded else ""
    for split, what in (
        ("train", "a training photo"),
        ("validation", "a validation photo, which chose the weights"),
    ):
        if count := sum(one.split == split for one in pairs):
            verb = "is" if count == 1 else "are"
            yield (
                f"{count} of {photos} test photos {verb} nearly the same as {what}: the result "
                f"flatters it.{which}"
            )


def _copies_in_validation(test: Tested) -> Iterator[str]:
    """Validation photos that the model has learned by heart say little of it."""
    copies = len({one.test for one in test.pairs if one.of == "validation"})
    photos = len(test.hashes.get("validation", ()))
    if copies and photos:
        verb = "shows" if copies == 1 else "show"
        yield (
            f"{copies} of {photos} validation photos {verb} the same as a training photo: the best "
            "epoch and the temperature were chosen by them, and the validation accuracy is too "
            "high."
        )


def _unread_in_validation(folder: RunFolder, test: Tested) -> Iterator[str]:
    photos, read = (
        len(test.hashes.get("validation", ())),
        len(predictions_csv.read(folder.validation_file)[1]),
    )
    if 0 < read < photos:
        yield (
            f"{photos - read:,} of {photos:,} validation photos could not be read: the best epoch "
            f"and the temperature were chosen by the {read:,} that were."
        )


def _validation_above(
    folder: RunFolder,
    state: RunState,
    result: Figures,
    tested: Sequence[Answered],
    photos: int,
) -> Iterator[str]:
    """Told where chance alone would part validation and test so far once in forty times.

    Of a class that is rarer in the test, validation has more to get right: its accuracy is that of
    classes mixed as in the test.
    """
    row = next((row for row in state.history if row.epoch == state.best_epoch), None)
    validation = row.validation_accuracy if row else None
    test = result.accuracy
    if validation is None or test is None or not photos:
        return
    together = (validation * photos + test * result.support) / (photos + result.support)
    variance, mixed = together * (1 - together) / photos, ""
    _, validated = predictions_csv.read(folder.validation_file)
    found = _mixed_as(Counter(one.label for one in tested), validated)
    if found:
        mixed = "" if abs(found[0] - validation) < 0.005 else " with the classes as in the test"
        validation, variance = found
    deviation = math.sqrt(variance + together * (1 - together) / result.support)
    if validation - test > 1.96 * deviation:
        yield (
            f"Validation {validation:.1%}{mixed}, test {test:.1%}: more than chance. The test "
            "photos are of another kind, or validation photos resemble training photos."
        )


def _mixed_as(mix: Counter[str], rows: Sequence[Answered]) -> tuple[float, float] | None:
    """The rows' accuracy with their classes in the shares of `mix`, and the variance of it.

    None where a class has no rows. A class with one, that is right, is not certain: the variance
    is taken as if there were one right and one wrong more (Agresti and Coull, 1998).
    """
    count = Counter(one.label for one in rows)
    right = Counter(one.label for one in rows if one.right)
    if not mix or any(not count[name] for name in mix):
        return None
    accuracy = variance = 0.0
    for name, photos in mix.items():
        share, likely = photos / mix.total(), (right[name] + 1) / (count[name] + 2)
        accuracy += share * right[name] / count[name]
        variance += share**2 * likely * (1 - likely) / count[name]
    return accuracy, variance


def _too_sure(result: Figures, tested: Sequence[Answered]) -> Iterator[str]:
    if not tested or result.accuracy_interval is None or result.accuracy is None:
        return
    mean = sum(one.probability for one in tested) / len(tested)
    low, high = result.accuracy_interval
    if not low <= mean <= high:
        word = "surer" if mean > high else "less sure"
        yield (
            f"It is {word} than it is right: {mean:.0%} sure on average, {result.accuracy:.0%} "
            "correct. Do not read its percentages as chances."
        )


def _corrected_test_photos(folder: RunFolder, tested: set[str], own: bool) -> int:
    """Test photos whose label a person changed, and those left out, as far as names tell."""
    try:
        recipe = folder.recipe()
    except Failure:
        return 0
    root = Path(recipe.data)
    return sum(
        str(root / path) in tested if label else own and path.startswith("test/")
        for path, label in recipe.corrections
    )


def _tested_alike(folder: RunFolder, fingerprint: str | None) -> int:
    """Runs tested on the same dataset that lie beside this one, itself counted."""
    if fingerprint is None:
        return 0
    beside = folder.path.parent.glob("*/results.json")
    return 1 + sum(
        path.parent != folder.path and _fingerprint_of_test(path) == fingerprint for path in beside
    )


def _fingerprint_of_test(path: Path) -> str | None:
    try:
        document = json_file.read_object(path) or {}
    except Unreadable:
        return None
    return str(document.get("dataset_fingerprint")) if document.get("test") else None
