"""A Snapshot of a run as text for the Train screen."""

from textual.content import Content

from bear_tui.recipe import Recipe
from bear_tui.run.control import HANDED_OVER
from bear_tui.run.events import LayersProved
from bear_tui.run.results.reliability import early_line
from bear_tui.run.state import EpochRow, RunState, seconds_left
from bear_tui.text import counted, safe
from bear_tui.tui.forms.recipe_draft import with_labels
from bear_tui.tui.render.meter import duration, meter
from bear_tui.tui.render.status import marked
from bear_tui.tui.render.table_model import Column, Row
from bear_tui.tui.session.local_run import Snapshot

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

EPOCH_COLUMNS = (
    Column("epoch"),
    Column("train loss"),
    Column("train acc"),
    Column("val loss"),
    Column("val acc"),
    Column("lr"),
    Column("time"),
)

EPOCHS_SHOWN = 200
"""Filling a table takes about 0.2 ms a row; older epochs are in `bear-tui show`."""


def title_line(snapshot: Snapshot, run: str, recipe: Recipe | None, width: int) -> Content:
    """Return `run · model · layers · device precision`, and the status at the right edge."""
    state = snapshot.state
    status = "failed" if snapshot.error else state.status
    word = "○ starting" if status == "waiting" else marked(status)
    if (status, state.message) == ("stopped", HANDED_OVER):
        word = "○ handed over"
    right = Content.styled(word, _STATUS_STYLES.get(status, ""))
    parts = [safe(run, 50)]
    if recipe is not None:
        parts += [safe(recipe.model, 30), f"{safe(recipe.unfreeze, 30)} trained"]
    if state.device:
        parts.append(f"{safe(state.device, 20)} {safe(state.precision, 10)}")
    head = Content.styled(parts[0], "bold")
    left = Content.assemble(head, *(f" · {part}" for part in parts[1:]))
    room = max(1, width - right.cell_length - 1)
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    return Content.assemble(left, " " * (room - left.cell_length + 1), right)


_STATUS_STYLES = {
    "running": "bold $primary",
    "completed": "bold $success",
    "failed": "bold $error",
    "interrupted": "bold $error",
    "paused": "bold $warning",
}


def progress_lines(state: RunState, elapsed_in_phase: float, width: int) -> Content:
    """Return three meters with figures: the run, its epoch, the phase of that."""
    epoch = epoch_share(state)
    run = (max(0, state.epoch - 1) + epoch) / state.epochs if state.epochs else 0.0
    phase = state.step / state.steps if state.steps else 0.0
    left = seconds_left(state, elapsed_in_phase)
    rate = f"{state.images_per_second:,.0f} photos/s" if state.images_per_second else ""
    shown_rate = "" if state.learning_rate is None else f"lr {state.learning_rate:.3g}"
    lines = (
        ("run", run, f"{duration(left)} left" if left is not None else "… left"),
        (f"epoch {state.epoch}/{state.epochs}", epoch, shown_rate),
        (f"{state.phase} {state.step}/{state.steps}", phase, rate),
    )
    side = 20
    bar = max(10, width - 2 * side)
    return Content("\n").join(
        Content.assemble((name.ljust(side), "$muted"), meter(share, bar), "  ", beside)
        for name, share, beside in lines
    )


def epoch_share(state: RunState) -> float:
    """Return how much of the running epoch is done, training and validation together."""
    validation = state.validation_steps or state.train_steps // 5
    whole = state.train_steps + validation
    if not whole:
        return 0.0
    if state.phase == "validation":
        return min(1.0, (state.train_steps + state.step) / whole)
    return state.step / whole


def totals_line(state: RunState) -> str:
    """Return `trainable 119,554,050 of 134,268,738 (89.0%) · frozen 14,714,688` and the freeze
    check.
    """
    if state.proof is not None:
        return proof_line(state.proof)
    total, trainable = state.total_parameters, state.trainable_parameters
    if not total:
        return ""
    share = trainable / total
    return f"trainable {trainable:,} of {total:,} ({share:.1%}) · frozen {total - trainable:,}"


def early_test_line(state: RunState) -> str:
    """Return the result of the last early test and their number; mostly ""."""
    if state.early_test is None or state.test is not None:
        return ""
    return f"test look {state.early_tests}: {early_line(state.early_test)}"


def proof_line(proof: LayersProved) -> str:
    """Return `frozen 14,714,688 unchanged · trainable 119,554,050 moved`."""
    moved = f"trainable {proof.trainable_parameters:,} moved"
    frozen = proof.frozen_parameters
    return f"frozen {frozen:,} unchanged · {moved}" if frozen else moved


def ending(snapshot: Snapshot) -> Content:
    """Return the result and what to do next; "" while the run goes on."""
    state = snapshot.state
    match "failed" if snapshot.error else state.status:
        case "completed":
            test = f" · test accuracy {state.test.accuracy:.1%}" if state.test else ""
            return Content.assemble(
                ("✓ done ", "bold $success"),
                f"{counted(state.epochs_done, 'epoch')} in {duration(state.seconds)}"
                f" · best epoch {state.best_epoch or '–'}{test}\n",
                ("enter opens the results, class by class", "$muted"),
            )
        case "stopped" if state.message == HANDED_OVER:
            return Content.assemble(
                ("○ handed over ", "bold"),
                "to a background process; it loads torch first, then continues\n",
                ("if it does not within a minute, u resumes the run here", "$muted"),
            )
        case "stopped":
            return Content.assemble(
                ("■ stopped ", "bold"),
                f"after {state.epochs_done} of {counted(state.epochs, 'epoch')} "
                f"· {safe(state.message)}\n",
                ("saved; u resumes where it stopped", "$muted"),
            )
        case "interrupted":
            return Content.assemble(
                ("✗ interrupted ", "bold $error"),
                "its process is gone\n",
                ("u resumes from the last checkpoint", "$muted"),
            )
        case "failed":
            # Of what never began there is no log, and nothing to go on with.
            begun = "" if state.status == "waiting" else " · u tries again · l shows the log"
            return Content.assemble(
                ("✗ failed ", "bold $error"),
                safe(with_labels(snapshot.error or state.message)),
                (f"\n2 changes the recipe and starts again{begun}", "$muted"),
            )
        case "paused":
            why = safe(state.message) or "space continues, s stops and saves"
            return Content.assemble(("‖ paused ", "bold $warning"), why)
    return Content("")


def epoch_rows(state: RunState, count: int = EPOCHS_SHOWN) -> list[Row]:
    """Return the newest epochs, newest first; the best is marked."""
    newest = state.history[-count:]
    return [_epoch_row(row, row.epoch == state.best_epoch) for row in reversed(newest)]


def _epoch_row(row: EpochRow, best: bool) -> Row:
    return Row(
        key=str(row.epoch),
        cells=(
            f"{'◆ ' if best else ''}{row.epoch}",
            _loss(row.train_loss),
            _share(row.train_accuracy),
            _loss(row.validation_loss),
            _share(row.validation_accuracy),
            "–" if row.learning_rate is None else f"{row.learning_rate:.3g}",
            "…" if row.validation_loss is None else _seconds(row.seconds),
        ),
        style="bold" if best else "",
    )


def _loss(value: float | None) -> str:
    return "…" if value is None else "not a number" if value != value else f"{value:.4f}"


def _share(value: float | None) -> str:
    return "…" if value is None else f"{value:.1%}"


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 60 else duration(value)
