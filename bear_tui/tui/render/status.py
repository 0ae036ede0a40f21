"""The right end of the header: what is loaded, and how the training here goes."""

from typing import TYPE_CHECKING

from rich.cells import cell_len

from bear_tui.text import safe

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.tui.session.local_run import Snapshot

MARKS = {
    "waiting": "○",
    "running": "●",
    "paused": "‖",
    "completed": "✓",
    "stopped": "■",
    "failed": "✗",
    "interrupted": "✗",
    "unreadable": "!",
}
"""A mark beside the word, for every status."""


def marked(status: str) -> str:
    """Return the status with its mark: `● running`."""
    return f"{MARKS.get(status, '?')} {status}"


def status_line(dataset: "Dataset | None", snapshot: "Snapshot | None", waiting: int = 0) -> str:
    """Return a running training, the queue's length and the device; then the photos.

    The least important comes last: it is left out first.
    """
    parts = []
    state = snapshot.state if snapshot is not None and not snapshot.ended else None
    if state is not None:
        where = f" {state.epoch}/{state.epochs}" if state.epochs else ""
        now = marked("running" if state.status == "waiting" else state.status)
        parts.append(f"training{where} {now}")
        if waiting:
            parts.append(f"{waiting} waiting")
        if state.device:
            parts.append(safe(state.device, 20))
    if dataset is not None:
        parts.append(safe(dataset.root.name, 40))
        if state is None:
            photos = len(dataset.train) + len(dataset.validation) + len(dataset.test)
            parts.append(f"{photos:,} photos")
    return _BETWEEN.join(parts)


def fitting(status: str, width: int) -> str:
    """Return as many whole parts of the line as fit in `width` columns, at least the first."""
    while cell_len(status) > width and _BETWEEN in status:
        status = status.rpartition(_BETWEEN)[0]
    return status


_BETWEEN = " · "
