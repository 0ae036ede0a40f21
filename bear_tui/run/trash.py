"""Delete a run so that it can be restored: move it to a folder that no list shows."""

import os
import time
from pathlib import Path

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder


def move_to_trash(folder: RunFolder, now: float) -> Path:
    """Move a run to `.trash` beside it; return its new path. Raises Failure."""
    if folder.being_trained():
        raise Failure(f"{folder.run}: it is being trained; stop it first.")
    # With the time in its name: a run of the same name may be there already.
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    target = folder.path.parent / ".trash" / f"{folder.run}-{moment}"
    try:
        target.parent.mkdir(exist_ok=True)
        return folder.path.rename(target)
    except OSError as error:
        raise files.explain(error, folder.path) from None


def put_back(trashed: Path, folder: RunFolder) -> None:
    """Move a run back from where `move_to_trash` put it. Raises Failure."""
    if os.path.lexists(folder.path):  # a rename would replace an empty folder
        raise Failure(f"{folder.path}: something else is there now; move it away first.")
    try:
        trashed.rename(folder.path)
    except OSError as error:
        raise files.explain(error, trashed) from None
