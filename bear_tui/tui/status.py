"""The right end of the header: what is loaded, and how the training here goes."""

from typing import TYPE_CHECKING

from bear_tui.text import safe

if TYPE_CHECKING:
    from bear_tui.data.dataset import Dataset
    from bear_tui.tui.live import Snapshot

MARKS = {
    "waiting": "○",
    "running": "●",
    "paused": "‖",
    "completed": "✓",
    "stopped": "■",
    "failed": "✗",
    "interrupted": "✗",
}
"""A mark beside the word, for every status."""


def marked(status: str) -> str:
    """`● running`."""
    return f"{MARKS.get(status, '?')} {status}"


def status_line(dataset: "Dataset | None", snapshot: "Snapshot | None", waiting: int = 0) -> str:
    """A running training first, with how many wait for its end; else the photos, else nothing."""
    if snapshot is not None and not snapshot.ended:
        state = snapshot.state
        where = f" {state.epoch}/{state.epochs}" if state.epochs else ""
        after = f" · {waiting} waiting" if waiting else ""
        now = marked("running" if state.status == "waiting" else state.status)
        return f"training{where} {now}{after}"
    if dataset is None:
        return ""
    photos = len(dataset.train) + len(dataset.validation) + len(dataset.test)
    return f"{safe(dataset.root.name, 40)} · {photos:,} photos"
