"""Deleting a run without losing it: it moves to a folder that no list shows."""

import os
import time
from pathlib import Path

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.run.folder import RunFolder


def move_to_trash(folder: RunFolder, now: float) -> Path:
    """Move a run to `.trash` beside it; where it lies then. A run being trained stays."""
    if folder.being_trained():
        raise Failure(f"{folder.run}: it is being trained; stop it first.")
    # The moment in the name: a run of the same name may lie there already.
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    target = folder.path.parent / ".trash" / f"{folder.run}-{moment}"
    try:
        target.parent.mkdir(exist_ok=True)
        return folder.path.rename(target)
    except OSError as error:
        raise files.explain(error, folder.path) from None


def put_back(lies: Path, folder: RunFolder) -> None:
    """Move what `move_to_trash` moved to `lies` back to where it was. Raises Failure."""
    if os.path.lexists(folder.path):  # a rename would replace an empty folder
        raise Failure(f"{folder.path}: something else lies there now; move it away first.")
    try:
        lies.rename(folder.path)
    except OSError as error:
        raise files.explain(error, lies) from None
