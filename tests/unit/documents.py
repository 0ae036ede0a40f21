"""A run's documents as tests take them apart: plain dictionaries, without their types."""

from typing import Any

from bear_tui.run.folder import RunFolder
from bear_tui.run.results import summary


def show_document(folder: RunFolder) -> dict[str, Any]:
    """Return the document of `show`."""
    return {**summary.show(folder)}


def review_document(folder: RunFolder) -> dict[str, Any]:
    """Return what the app shows of a run."""
    return {**summary.review(folder)}
