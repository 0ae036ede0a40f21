"""A run as one HTML page that stands alone: no network, no script, no files beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

from bear_tui.metrics import interval, percent
from bear_tui.recipe import Recipe
from bear_tui.run.report.svg import chart
from bear_tui.run.results.documents import ReviewedRun, ReviewedTest
from bear_tui.run.results.reliability import calibration_line
from bear_tui.text import counted, safe

MISTAKES = 24
"""Mistakes shown with their photo, surest first."""

Picture = Callable[[Path], str | None]
"""Returns a photo as a data: URI, or None if it can no longer be read."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1a; --paper: #fdfcf9; --soft: #6b6a64;
  --line: #dcd9d0; --first: #b0621c; --second: #1f6f8b; --cell: 31 111 139; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebe6; --paper: #191917; --soft: #a3a199;
  --line: #3b3a36; --first: #e79a55; --second: #6fb9d2; --cell: 111 185 210; } }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.soft, figcaption, svg text { color: var(--soft); }
.figure { font-size: 2.4rem; font-weight: 600; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right; }
th { color: var(--soft); font-weight: 500; }
th, td { white-space: nowrap; }
th:first-child, td:first-child, .texts td, .texts th { text-align: left; white-space: normal;
  min-width: 5rem; overflow-wrap: break-word; }
.texts td { overflow-wrap: anywhere; }
.right { font-weight: 700; }
.wide { overflow-x: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: currentColor; }
.grid { stroke: var(--line); }
.change { stroke: var(--soft); stroke-dasharray: 2 3; }
polyline { fill: none; stroke-width: 2; }
.train { stroke: var(--first); }
.validation { stroke: var(--second); stroke-dasharray: 6 4; }
.dot { fill: var(--second); }
.best { fill: none; stroke: var(--second); stroke-width: 2; }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1rem; }
.photos img { width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--line); }
.photos figcaption { font-size: .85rem; overflow-wrap: anywhere; }
@media print { body { margin: 0; } figure { break-inside: avoid; } }
"""


def page(run: ReviewedRun, recipe: Recipe, picture: Picture | None) -> str:
    """Return the HTML of a run that was read by `summary.review`; without `picture` no photos."""
    test = run["test"]
    parts = [_head(run)]
    if test:
        parts += [_classes(test), _matrix(run["classes"], test)]
    parts.append(_curves(run))
    if test and picture:
        parts.append(_mistakes(test, picture))
    parts.append(_recipe(run, recipe))
    title = f"{_text(run['run'])} · bear-tui"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _head(run: ReviewedRun) -> str:
    test = run["test"]
    kept = f", best in epoch {run['best_epoch']}" if run["best_epoch"] else ""
    facts = (
        f"{_text(run['model'])} at {run['image_size']} px · "
        f"{counted(run['epochs_done'], 'epoch')}{kept}"
        f" · {run['seconds']:.0f} s on {_text(run['device'])} · {_text(run['status'])}"
    )
    head = f'<h1>{_text(run["run"])}</h1><p class="soft">{facts}</p>'
    if not test:
        return f"{head}<p>No test yet: these are the figures of training alone.</p>"
    photos = sum(row["support"] for row in test["per_class"])
    total = photos + test["unreadable"]
    which = f"{photos:,} test photos"
    if total > photos:
        which = f"the {photos:,} of {total:,} test photos that could be read"
    return (
        f'{head}<p><span class="figure">{percent(test["accuracy"])}</span> of {which} '
        f"right (95% interval {interval(test['accuracy_ci95'])})</p>"
        f"{''.join(f'<p>⚠ {_text(note)}</p>' for note in test['notes'])}"
    )


def _classes(test: ReviewedTest) -> str:
    rows = [
        (
            _text(row["class"]),
            f"{row['support']:,}",
            f"{row['correct']:,}",
            percent(row["precision"]),
            percent(row["recall"]),
            interval(row["recall_ci95"]),
            percent(row["f1"]),
        )
        for row in test["per_class"]
    ]
    names = ("class", "photos", "correct", "precision", "recall", "95% interval", "F1")
    error = test["calibration"]
    calibration = f'<p class="soft">{_text(calibration_line(error))}.</p>' if error else ""
    return f"<h2>Per class</h2>{_table(names, rows)}{calibration}"


def _matrix(classes: Sequence[str], test: ReviewedTest) -> str:
    """Return the counts, each darker the larger its share of the true class."""
    matrix, names = test["confusion_matrix"], [_text(name) for name in classes]
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for index, (name, counts) in enumerate(zip(names, matrix, strict=True)):
        total = max(1, sum(counts))
        cells = "".join(
            f"<td{' class=right' if place == index else ''} "
            f'style="background:rgb(var(--cell) / {0.6 * count / total:.2f})">{count:,}</td>'
            for place, count in enumerate(counts)
        )
        rows.append(f"<tr><td>{name}</td>{cells}</tr>")
    return (
        '<h2>Confusion matrix</h2><p class="soft">Rows are true classes, columns predicted ones.'
        f'</p><div class="wide"><table><tr><th></th>{head}</tr>{"".join(rows)}</table></div>'
    )


def _curves(run: ReviewedRun) -> str:
    history = run["history"]
    if not history:
        return ""
    changed = run["changed"]
    marks = {change["at"]: safe(change["words"], 300) for change in changed}
    legend = ", a dotted vertical line where settings were changed" if marks else ""
    series = {
        "loss": (
            [(row["epoch"], row["train_loss"]) for row in history],
            [(row["epoch"], row["validation_loss"]) for row in history],
        ),
        "accuracy": (
            [(row["epoch"], row["train_accuracy"]) for row in history],
            [(row["epoch"], row["validation_accuracy"]) for row in history],
        ),
    }
    charts = [
        f"<figure>{chart(name, *points, run['best_epoch'], name == 'accuracy', marks)}"
        f"<figcaption>{name} by epoch: training solid, validation dashed, the best epoch ringed"
        f"{legend}</figcaption></figure>"
        for name, points in series.items()
    ]
    names = ("epoch", "train loss", "train", "validation loss", "validation", "rate", "seconds")
    rows = [
        (
            f"{row['epoch']}{' ◆' if row['epoch'] == run['best_epoch'] else ''}",
            _number(row["train_loss"]),
            percent(row["train_accuracy"]),
            _number(row["validation_loss"]),
            percent(row["validation_accuracy"]),
            f"{row['learning_rate']:.2g}" if row["learning_rate"] is not None else "–",
            f"{row['seconds']:.1f}",
        )
        for row in history
    ]
    table = f"<details><summary>All epochs</summary>{_table(names, rows)}</details>"
    items = "".join(f"<li>{_text(change['words'])}</li>" for change in changed)
    changes = f"<ul>{items}</ul>" if items else ""
    return f'<h2>Training</h2><div class="charts">{"".join(charts)}</div>{changes}{table}'


def _mistakes(test: ReviewedTest, picture: Picture) -> str:
    mistakes = test["mistakes"]
    if not mistakes:
        return "<h2>Mistakes</h2><p>None on the test photos.</p>"
    figures = []
    for mistake in mistakes[:MISTAKES]:
        path = Path(mistake["path"])
        uri = picture(path)
        image = f'<img src="{uri}" alt="">' if uri else "<p>This photo can no longer be read.</p>"
        figures.append(
            f"<figure>{image}<figcaption>{_text(path.name)}<br>label "
            f"<b>{_text(mistake['label'])}</b>, predicted <b>{_text(mistake['predicted'])}</b> "
            f"{mistake['probability']:.0%}</figcaption></figure>"
        )
    which = "surest first"
    if len(mistakes) > MISTAKES:
        which = f"the surest {MISTAKES} of them here"
    photos = f'<div class="photos">{"".join(figures)}</div>'
    return f"<h2>Mistakes</h2><p>{len(mistakes):,}, {which}.</p>{photos}"


def _recipe(run: ReviewedRun, recipe: Recipe) -> str:
    rows = [
        (_text(name.replace("_", " ")), _text(value))
        for name, value in asdict(recipe).items()
        if value != ""
    ]
    counts = f"{run['trainable_parameters']:,} of {run['total_parameters']:,}"
    rows += [("trained parameters", counts), ("precision used", _text(run["precision"]))]
    rows.append(("dataset fingerprint", _text(run["dataset_fingerprint"] or "–")))
    began = " <small>as the run was started; changes are listed above</small>"
    title = f"Recipe{began if run['changed'] else ''}"
    return f'<h2>{title}</h2><div class="texts">{_table(("setting", "value"), rows)}</div>'


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _text(value: object) -> str:
    """Return foreign text escaped for HTML, cut and without control characters."""
    return escape(safe(value, 300))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
