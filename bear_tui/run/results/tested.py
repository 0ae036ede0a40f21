"""A test with all that is known of its photos: what the notes about its result rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui.errors import Unreadable
from bear_tui.metrics import photos_in, unreadable_photos
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import dataset_file, lookalikes, predictions_csv
from bear_tui.run.results.documents import TestDocument
from bear_tui.run.results.lookalikes import Pair
from bear_tui.run.results.predictions_csv import Prediction
from bear_tui.run.state import RunState


@dataclass(frozen=True)
class Tested:
    """What a run's best weights said of some photos."""

    classes: tuple[str, ...]
    rows: Sequence[Prediction]
    """Of the photos that could be read; probabilities are uncalibrated."""
    unreadable: int
    """Photos that could not be read."""
    hashes: Mapping[str, Sequence[str]]
    """The SHA-256 of each photo by split; those of the tested photos as `test`."""
    pairs: Sequence[Pair]
    """Which of the photos show the same."""
    own: bool = True
    """Whether these are the run's own test photos."""
    gone: int = 0
    """Training and validation photos that are no longer there: only exact copies of them can be
    found."""
    recorded: bool = True
    """Whether this is the test that ended the run, on which files in its folder have details."""
    unknown: str = ""
    """Why there are no hashes of a run's own photos: one sentence."""


def of_run(folder: RunFolder, state: RunState) -> Tested:
    """Return the run's own test, which `state` has. Raises Unreadable."""
    assert state.test is not None
    classes, rows = predictions_csv.read(folder.predictions_file)
    hashes: dict[str, list[str]] = {}
    unknown = ""
    try:
        hashes = dataset_file.hashes_by_split(folder.dataset_file)
    except Unreadable as failure:
        unknown = str(failure)
    unreadable = state.test.unreadable
    if unreadable < 0:
        # Earlier versions tested what they could read and did not count the rest.
        unreadable = max(0, len(hashes.get("test", ())) - photos_in(state.test.confusion_matrix))
    pairs = lookalikes.read(folder.lookalikes_file)
    return Tested(classes, rows, unreadable, hashes, pairs, unknown=unknown)


def unreadable_in(test: TestDocument | None) -> str:
    """Return `10 of 80 test photos could not be read`; empty if all could or there is no test."""
    if test is None:
        return ""
    return unreadable_photos(test["unreadable"], photos_in(test["confusion_matrix"]))


def unreadable_note(unreadable: int, tested: int, log: Path | None) -> str:
    """Return the same as a sentence with its consequence; `log` names the photos."""
    count = unreadable_photos(unreadable, tested)
    if not count:
        return ""
    where = f" {log.name} in the run's folder names them." if log is not None else ""
    return f"{count}: the accuracy and all other figures are over the {tested:,} that were.{where}"
