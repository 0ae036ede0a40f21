"""A test and all that is known of its photos: what notes about its result rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bear_tui.errors import Unreadable
from bear_tui.metrics import photos_in, unreadable_photos
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import dataset_file, lookalikes, predictions_csv
from bear_tui.run.results.lookalikes import Pair
from bear_tui.run.results.predictions_csv import Answered
from bear_tui.run.state import RunState


@dataclass(frozen=True)
class Tested:
    """What a run's best weights said of some photos."""

    classes: tuple[str, ...]
    rows: Sequence[Answered]
    """As the network has them, of the photos that could be read."""
    unreadable: int
    """Photos that could not be read."""
    hashes: Mapping[str, Sequence[str]]
    """The SHA-256 of each photo by split; those of the photos asked about as `test`."""
    pairs: Sequence[Pair]
    """Which of the photos show the same."""
    own: bool = True
    """Whether the photos are the run's own test photos."""
    gone: int = 0
    """Training and validation photos that are no longer there, so that nobody sees copies that are
    not exact."""
    recorded: bool = True
    """Whether it is the test that ended the run, which files in the run's folder tell more of."""
    unknown: str = ""
    """Why there are no hashes of a run's own photos: one sentence."""


def of_run(folder: RunFolder, state: RunState) -> Tested:
    """The run's own test, which `state` has. Raises Unreadable."""
    assert state.test is not None
    classes, rows = predictions_csv.read(folder.predictions_file)
    hashes: dict[str, list[str]] = {}
    unknown = ""
    try:
        hashes = hashes_by_split(folder)
    except Unreadable as failure:
        unknown = str(failure)
    unreadable = state.test.unreadable
    if unreadable < 0:
        # An earlier version tested what it could read and did not say how many that were not.
        unreadable = max(0, len(hashes.get("test", ())) - photos_in(state.test.confusion_matrix))
    pairs = lookalikes.read(folder.lookalikes_file)
    return Tested(classes, rows, unreadable, hashes, pairs, unknown=unknown)


def hashes_by_split(folder: RunFolder) -> dict[str, list[str]]:
    """The SHA-256 of each photo by split. Raises Unreadable."""
    found: dict[str, list[str]] = {}
    document = dataset_file.read(folder.dataset_file)
    for entry in document.files if document is not None else ():
        found.setdefault(entry["split"], []).append(entry["sha256"])
    return found


def unread_in(shown: Mapping[str, Any]) -> str:
    """The same of the document of `show`; empty without a test."""
    test = shown["test"]
    return (
        unreadable_photos(test["unreadable"], photos_in(test["confusion_matrix"])) if test else ""
    )


def note(unreadable: int, tested: int, log: Path | None) -> str:
    """The same as a sentence, with what it means; `log` names them."""
    found = unreadable_photos(unreadable, tested)
    if not found:
        return ""
    where = f" {log.name} in the run's folder names them." if log is not None else ""
    return f"{found}: the accuracy and all other figures are over the {tested:,} that were.{where}"
