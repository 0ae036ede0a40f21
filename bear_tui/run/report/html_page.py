"""A run as one HTML page that holds all it shows: no network, no script, no file beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

from bear_tui.recipe import Recipe
from bear_tui.run.report.svg import chart
from bear_tui.run.results.reliability import calibration_line
from bear_tui.run.results.summary import Document
from bear_tui.text import counted, safe

MISTAKES = 24
"""Pictures on the page, surest mistakes first."""

Picture = Callable[[Path], str | None]
"""A photo as a data: URI; None where it cannot be read any more."""

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


def page(shown: Document, recipe: Recipe, picture: Picture) -> str:
    """The HTML of a run: `shown` is `results.judged` of it."""
    parts = [_head(shown)]
    if shown["test"]:
        parts += [_classes(shown), _matrix(shown)]
    parts += [_curves(shown), _mistakes(shown, picture), _recipe(shown, recipe)]
    title = f"{_text(shown['run'])} · bear-tui"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _head(shown: Document) -> str:
    test = shown["test"]
    kept = f", best in epoch {shown['best_epoch']}" if shown["best_epoch"] else ""
    facts = (
        f"{_text(shown['model'])} at {shown['image_size']} px · "
        f"{counted(shown['epochs_done'], 'epoch')}{kept}"
        f" · {shown['seconds']:.0f} s on {_text(shown['device'])} · {_text(shown['status'])}"
    )
    head = f'<h1>{_text(shown["run"])}</h1><p class="soft">{facts}</p>'
    if not test:
        return f"{head}<p>No test yet: these are the figures of training alone.</p>"
    photos = sum(one["support"] for one in test["per_class"])
    asked = photos + test["unreadable"]
    which = f"{photos:,} test photos"
    if asked > photos:
        which = f"the {photos:,} of {asked:,} test photos that could be read"
    return (
        f'{head}<p><span class="figure">{_percent(test["accuracy"])}</span> of {which} '
        f"right (95% interval {_interval(test['accuracy_ci95'])})</p>"
        f"{''.join(f'<p>⚠ {_text(note)}</p>' for note in test['notes'])}"
    )


def _classes(shown: Document) -> str:
    test = shown["test"]
    rows = [
        (
            _text(one["class"]),
            f"{one['support']:,}",
            f"{one['correct']:,}",
            _percent(one["precision"]),
            _percent(one["recall"]),
            _interval(one["recall_ci95"]),
            _percent(one["f1"]),
        )
        for one in test["per_class"]
    ]
    names = ("class", "photos", "correct", "precision", "recall", "95% interval", "F1")
    found = test["calibration"]
    worth = f'<p class="soft">{_text(calibration_line(found))}.</p>' if found else ""
    return f"<h2>Per class</h2>{_table(names, rows)}{worth}"


def _matrix(shown: Document) -> str:
    """Counts, darker the larger their share of the true class."""
    matrix, names = shown["test"]["confusion_matrix"], [_text(name) for name in shown["classes"]]
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
        '<h2>Confusion matrix</h2><p class="soft">Rows are true classes, columns what the model '
        f'says.</p><div class="wide"><table><tr><th></th>{head}</tr>{"".join(rows)}</table></div>'
    )


def _curves(shown: Document) -> str:
    history = shown["history"]
    if not history:
        return ""
    charts, changed = [], shown["changed"]
    marks = {one["at"]: safe(one["words"], 300) for one in changed}
    legend = ", a dotted upright line where settings were changed" if marks else ""
    for figure, percent in (("loss", False), ("accuracy", True)):
        train, validation = (
            [(row["epoch"], row[f"{part}_{figure}"]) for row in history]
            for part in ("train", "validation")
        )
        drawn = chart(figure, train, validation, shown["best_epoch"], percent, marks)
        charts.append(
            f"<figure>{drawn}<figcaption>{figure} by epoch: training a line, validation dashed, "
            f"the best epoch ringed{legend}</figcaption></figure>"
        )
    names = ("epoch", "train loss", "train", "validation loss", "validation", "rate", "seconds")
    rows = [
        (
            f"{row['epoch']}{' ◆' if row['epoch'] == shown['best_epoch'] else ''}",
            _number(row["train_loss"]),
            _percent(row["train_accuracy"]),
            _number(row["validation_loss"]),
            _percent(row["validation_accuracy"]),
            f"{row['learning_rate']:.2g}" if row["learning_rate"] is not None else "–",
            f"{row['seconds']:.1f}",
        )
        for row in history
    ]
    table = f"<details><summary>All epochs</summary>{_table(names, rows)}</details>"
    lines = "".join(f"<li>{_text(one['words'])}</li>" for one in changed)
    told = f"<ul>{lines}</ul>" if lines else ""
    return f'<h2>Training</h2><div class="charts">{"".join(charts)}</div>{told}{table}'


def _mistakes(shown: Document, picture: Picture) -> str:
    found = (shown["test"] or {"mistakes": []})["mistakes"]
    if not found:
        return "<h2>Mistakes</h2><p>None on the test photos.</p>" if shown["test"] else ""
    shots = []
    for one in found[:MISTAKES]:
        path = Path(one["path"])
        uri = picture(path)
        image = f'<img src="{uri}" alt="">' if uri else "<p>This photo cannot be read any more.</p>"
        shots.append(
            f"<figure>{image}<figcaption>{_text(path.name)}<br>label <b>{_text(one['label'])}</b>, "
            f"says <b>{_text(one['predicted'])}</b> {one['probability']:.0%}</figcaption></figure>"
        )
    more = f", the surest {MISTAKES} of them here" if len(found) > MISTAKES else ", surest first"
    return (
        f'<h2>Mistakes</h2><p>{len(found):,}{more}.</p><div class="photos">{"".join(shots)}</div>'
    )


def _recipe(shown: Document, recipe: Recipe) -> str:
    rows = [
        (_text(name.replace("_", " ")), _text(value))
        for name, value in asdict(recipe).items()
        if value != ""
    ]
    counts = f"{shown['trainable_parameters']:,} of {shown['total_parameters']:,}"
    rows += [("trained parameters", counts), ("precision used", _text(shown["precision"]))]
    rows.append(("dataset fingerprint", _text(shown["dataset_fingerprint"] or "–")))
    began = " <small>as the run was started; changes are listed above</small>"
    title = f"Recipe{began if shown['changed'] else ''}"
    return f'<h2>{title}</h2><div class="texts">{_table(("setting", "value"), rows)}</div>'


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _text(value: object) -> str:
    """Foreign text, fit to stand in a page."""
    return escape(safe(value, 300))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _interval(ends: Sequence[float] | None) -> str:
    return "–" if ends is None else f"{ends[0] * 100:.1f} – {ends[1] * 100:.1f}%"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
