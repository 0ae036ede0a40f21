"""What the four runs of a ladder teach: the course's questions answered with their figures."""

from collections.abc import Sequence

from bear_tui.errors import Failure, Unreadable
from bear_tui.run.folder import RunFolder
from bear_tui.run.ladder import is_ladder
from bear_tui.run.results import dataset_file
from bear_tui.run.results.summary import Document

_BY_HEART = 0.1
"""Beyond this lead of training over validation accuracy a model is said to know by heart."""


def lesson(folders: Sequence[RunFolder], compared: Document) -> list[str]:
    """The course's questions, answered with these runs' own figures; nothing for other runs."""
    try:
        recipes = [folder.recipe() for folder in folders]
    except Failure:
        return []
    rows = compared["runs"]
    if not is_ladder(recipes) or any(row["test_accuracy"] is None for row in rows):
        return []
    verdicts = {(pair["first"], pair["second"]): pair["verdict"] for pair in compared["pairs"]}
    photos = _training_photos(folders[0])
    return [
        _why_small(recipes[0].image_size, recipes[1].image_size),
        *(_why_weak(row, photos) for row in rows[:2]),
        f"What the head alone brings: {rows[2]['letter']} learns {_learns(rows[2])}; the rest "
        f"is as training on other photos before left it. {_change(rows[1], rows[2])} "
        f"{verdicts['B', 'C']}",
        f"What unfreezing adds: {rows[3]['letter']} learns {_learns(rows[3])}. "
        f"{_change(rows[2], rows[3])} {verdicts['C', 'D']}",
    ]


def _why_small(perceptron: int, scratch: int) -> str:
    numbers, large = 3 * perceptron**2, 3 * 224**2
    side, at_224 = scratch // 32, 224 // 32
    return (
        f"Why {perceptron} px: the perceptron takes each pixel as a number of its own, "
        f"3 x {perceptron} x {perceptron} = {numbers:,} numbers and {numbers * 128:,} weights "
        f"into its first 128 units; at 224 px it would be {large:,} numbers and "
        f"{large * 128:,} weights. VGG16's five poolings leave {side} x {side} x 512 = "
        f"{512 * side**2:,} numbers for its first linear layer at {scratch} px, "
        f"{at_224} x {at_224} x 512 = {512 * at_224**2:,} at 224 px."
    )


def _why_weak(row: Document, photos: int) -> str:
    train, validation = row["train_accuracy"], row["validation_accuracy"]
    if train - validation > _BY_HEART:
        meaning = "it learns these photos by heart more than what is on them"
    else:
        meaning = "so few photos teach it no more than that"
    return (
        f"Why {row['letter']} is weak: {row['trainable_parameters']:,} weights learn from "
        f"{photos:,} photos and nothing else. It knows {train:.1%} of them and {validation:.1%} "
        f"of the validation photos: {meaning}."
    )


def _learns(row: Document) -> str:
    share = row["trainable_parameters"] / max(1, row["total_parameters"])
    return f"{row['trainable_parameters']:,} of {row['total_parameters']:,} weights ({share:.1%})"


def _change(before: Document, after: Document) -> str:
    return f"Test {before['test_accuracy']:.1%} → {after['test_accuracy']:.1%}."


def _training_photos(folder: RunFolder) -> int:
    try:
        found = dataset_file.read(folder.dataset_file)
    except Unreadable:
        return 0
    return sum(one["split"] == "train" for one in found.files) if found is not None else 0
