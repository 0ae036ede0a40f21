"""A run's photos as rows, captions and sentences."""

from collections.abc import Callable, Sequence
from pathlib import Path

from textual.content import Content

from bear_tui import metrics
from bear_tui.data.decisions import OUT
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.text import safe
from bear_tui.tui.render.meter import bar
from bear_tui.tui.render.table_model import Column, Row, Sorting
from bear_tui.tui.session.run_photos import RunPhotos
from bear_tui.tui.toolkit.copyable import Cells

COLUMNS = (
    Column("", right=False),
    Column("photo", right=False, limit=24),
    Column("label", right=False, limit=12),
    Column("says", right=False, limit=12),
    Column("sure"),
)
_LISTED = 500
"""As many as a person looks at; more would make the table slow."""
_MOST_CLASSES = 5


def sort(
    rows: Sequence[Prediction], photos: RunPhotos, threshold: float, sorting: Sorting
) -> list[Prediction]:
    """Return the photos ordered by a column, then by probability."""
    keys: tuple[Callable[[Prediction], str], ...] = (
        lambda photo: mark(photo, photos, threshold) or "~",  # marked ones first
        lambda photo: photo.path.rsplit("/", 1)[-1],
        lambda photo: photo.label,
        lambda photo: photo.predicted,
    )
    surest = sorted(rows, key=lambda photo: -photo.probability)
    if sorting.column is None or sorting.column >= len(keys):
        return surest[::-1] if sorting.reverse else surest
    return sorted(surest, key=keys[sorting.column], reverse=sorting.reverse)


def mark(photo: Prediction, photos: RunPhotos, threshold: float) -> str:
    """Return `→` for relabelled, `✗` for left out, `?` for unsure, else ""."""
    decided = photos.decided(photo)
    if decided is not None:
        return "✗" if decided == OUT else "→"
    return "?" if photo.probability < threshold else ""


def photo_rows(
    listed: Sequence[Prediction], photos: RunPhotos, threshold: float, most: int = _LISTED
) -> list[Row]:
    """Return a row per photo, as many as a person looks at."""
    return [
        Row(
            key=str(index),
            cells=(
                mark(photo, photos, threshold),
                photo.path.rsplit("/", 1)[-1],
                photos.decided(photo) or photo.label,
                photo.predicted,
                f"{photo.probability:.0%}",
            ),
        )
        for index, photo in enumerate(listed[:most])
    ]


def photo_cells(listed: Sequence[Prediction], photos: RunPhotos) -> Cells:
    """Return all photos, each with its whole path and decision."""
    return Cells(
        [
            (photo.path, photo.label, photo.predicted, f"{photo.probability:.1%}", decided or "")
            for photo, decided in ((photo, photos.decided(photo)) for photo in listed)
        ],
        ("photo", "label", "says", "sure", "decided"),
    )


def verdict(photo: Prediction, photos: RunPhotos) -> str:
    """Return `label bear`, and a person's decision: `label bear → not_bear`, `left out`."""
    decided = photos.decided(photo)
    label = f"label {safe(photo.label, 30)}"
    if decided is None:
        return label
    return f"{label} · left out" if decided == OUT else f"{label} → {safe(decided, 30)}"


def caption(photo: Prediction, photos: RunPhotos, heat: str) -> Content:
    """Return name, label and prediction, and what `heat` says about its cause."""
    name = (safe(Path(photo.path).name, 60), "bold")
    prediction = f"says  {safe(photo.predicted, 30)} {photo.probability:.0%}"
    return Content.assemble(
        name, f"\n{verdict(photo, photos)}\n{prediction}", f"\n{heat}" if heat else ""
    )


def chances(photo: Prediction, classes: Sequence[str], width: int) -> Content:
    """A line per class, the likeliest first: `bear      0.86 ━━━━━━━━`."""
    ranked = sorted(zip(photo.probabilities, classes, strict=False), reverse=True)[:_MOST_CLASSES]
    room = min(20, max((len(safe(name, 20)) for _, name in ranked), default=0))
    lines = []
    for share, name in ranked:
        text = f"{safe(name, room):<{room}} {share:4.2f} "
        lines.append(Content.assemble(text, (bar(share, max(0, width - len(text))), "$primary")))
    return Content("\n").join(lines)


def threshold_line(rows: Sequence[Prediction], threshold: float) -> str:
    """Return what remains above the threshold: coverage, and accuracy on it."""
    answers = [(photo.probability, photo.right) for photo in rows]
    above = metrics.above(answers, threshold)
    if threshold <= 0 or not above.total:
        return "unsure below: off · [ and ] move it"
    start = f"unsure below {threshold:.0%}: answers {above.kept:,} of {above.total:,}"
    interval = metrics.wilson_interval(above.correct, above.kept)
    if interval is None or above.coverage is None:
        return f"{start} (0%)"
    low, high = interval
    return (
        f"{start} ({above.coverage:.0%}), {above.correct / above.kept:.1%} of them right "
        f"({low * 100:.0f} – {high:.0%})"
    )
