"""What the four runs of a ladder teach: the course's questions answered with their figures."""

from collections.abc import Sequence

from bear_tui.errors import Failure
from bear_tui.metrics import percent
from bear_tui.run.folder import RunFolder
from bear_tui.run.ladder import is_ladder
from bear_tui.run.results.dataset_file import training_photos
from bear_tui.run.results.documents import CompareDocument, ComparedRun

_OVERFITS = 0.1
"""From this lead of training over validation accuracy on, a model is said to overfit."""


def lesson(folders: Sequence[RunFolder], compared: CompareDocument) -> list[str]:
    """Return the course's questions, answered with the figures of these runs; [] for other runs."""
    try:
        recipes = [folder.recipe() for folder in folders]
    except Failure:
        return []
    rows = compared["runs"]
    if not is_ladder(recipes) or any(row["test_accuracy"] is None for row in rows):
        return []
    verdicts = {(pair["first"], pair["second"]): pair["verdict"] for pair in compared["pairs"]}
    photos = training_photos(folders[0].dataset_file)
    return [
        _why_small(recipes[0].image_size, recipes[1].image_size),
        *(_why_weak(row, photos) for row in rows[:2]),
        f"What a pretrained backbone brings: {rows[2]['letter']} trains {_trained(rows[2])}; the "
        f"others keep what they learned on other photos. {_change(rows[1], rows[2])} "
        f"{verdicts['B', 'C']}",
        f"What unfreezing adds: {rows[3]['letter']} trains {_trained(rows[3])}. "
        f"{_change(rows[2], rows[3])} {verdicts['C', 'D']}",
    ]


def _why_small(perceptron: int, scratch: int) -> str:
    inputs, at_224 = 3 * perceptron**2, 3 * 224**2
    side, side_at_224 = scratch // 32, 224 // 32
    return (
        f"Why {perceptron} px: every colour value of a pixel is an input of the perceptron. "
        f"3 x {perceptron} x {perceptron} = {inputs:,} inputs need {inputs * 128:,} weights to its "
        f"first 128 units; at 224 px it would be {at_224:,} inputs and {at_224 * 128:,} weights. "
        f"After VGG16's five poolings, its first linear layer has {side} x {side} x 512 = "
        f"{512 * side**2:,} inputs at {scratch} px and {side_at_224} x {side_at_224} x 512 = "
        f"{512 * side_at_224**2:,} at 224 px."
    )


def _why_weak(row: ComparedRun, photos: int) -> str:
    train, validation = row["train_accuracy"], row["validation_accuracy"]
    if train is not None and validation is not None and train - validation > _OVERFITS:
        meaning = "it overfits, that is, it memorises the training photos"
    else:
        meaning = "so few photos teach it no more than that"
    return (
        f"Why {row['letter']} is weak: {row['trainable_parameters']:,} weights learn from "
        f"{photos:,} photos and nothing else. It gets {percent(train)} of them right and "
        f"{percent(validation)} of the validation photos: {meaning}."
    )


def _trained(row: ComparedRun) -> str:
    share = row["trainable_parameters"] / max(1, row["total_parameters"])
    return f"{row['trainable_parameters']:,} of {row['total_parameters']:,} weights ({share:.1%})"


def _change(before: ComparedRun, after: ComparedRun) -> str:
    return f"Test {percent(before['test_accuracy'])} → {percent(after['test_accuracy'])}."
