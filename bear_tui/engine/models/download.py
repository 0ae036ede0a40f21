"""Download a large file over a connection that may break: resumed, checked, whole or not there."""

import contextlib
import fcntl
import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

from bear_tui import files
from bear_tui.errors import Failure
from bear_tui.http_client import Client, HttpError

log = logging.getLogger(__name__)

_POLL_EVERY = 0.2
"""Seconds between two checks whether another process is done."""

Progress: TypeAlias = Callable[[int, int], None]


def download(
    url: str,
    target: Path,
    progress: Progress | None = None,
    timeout: float = 20.0,
    attempts: int = 3,
    pause: float = 1.0,
) -> None:
    """Fetch `url` to `target`, whole and with the hash that its name ends in, or not at all.

    An interrupted download stays beside `target` as `.part`; this call or a later one resumes it.
    If another process fetches the file, waits for that, and resumes if it ends without success.
    `progress(done, total)` counts bytes; `timeout` is seconds without a byte. Raises Failure with
    a sentence that names the file, its address and where to put it.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(part, target, progress) as needed:
            if needed:
                _fetch_whole(url, part, target, progress, timeout, attempts, pause)
    except OSError as error:
        failure = files.explain(error, target)
        raise type(failure)(f"{failure} BEAR_TUI_CACHE names another folder.") from None


def _fetch_whole(
    url: str,
    part: Path,
    target: Path,
    progress: Progress | None,
    timeout: float,
    attempts: int,
    pause: float,
) -> None:
    with contextlib.closing(Client(timeout)) as client:
        try:
            client.retry(lambda: _continue(url, part, progress, client), attempts, pause)
        except HttpError as error:
            raise _by_hand(url, target, error) from None
    if not _hash_fits(part, target.name):
        part.unlink()
        raise _by_hand(url, target, "what arrived is damaged: its hash is wrong")
    # As in files.atomic, which cannot continue a file.
    os.replace(part, target)  # noqa: PTH105
    files.sync_folder(target.parent)


def _continue(url: str, part: Path, progress: Progress | None, client: Client) -> None:
    """Fetch what `part` lacks. Raises HttpError; what arrived stays for the next attempt."""
    have = part.stat().st_size
    try:
        with client.get(url, {"Range": f"bytes={have}-"} if have else None) as response:
            if response.status != 206:  # the server sends all of it again
                have = 0
            total = have + response.length if response.length else 0
            with part.open("ab" if have else "wb") as file:
                for chunk in response.chunks():
                    file.write(chunk)
                    have += len(chunk)
                    if progress:
                        progress(have, total)
                file.flush()
                os.fsync(file.fileno())
    except HttpError as error:
        if error.status != 416:
            raise
        os.truncate(part, 0)  # it is no beginning of this file
        raise HttpError(str(error)) from None


@contextlib.contextmanager
def _alone(part: Path, target: Path, progress: Progress | None) -> Iterator[bool]:
    """Lock `part` for this process; yield False if another one has finished the download.

    The lock is on the file itself, so it ends with a process that is killed.
    """
    while True:
        with part.open("ab") as file:
            _lock(file, part.name, progress)
            if _is_at(file, part):
                try:
                    yield True
                finally:
                    if _is_at(file, part) and not os.fstat(file.fileno()).st_size:
                        part.unlink()
                return
            if _is_at(file, target):
                yield False
                return
        # Another process removed the file because its hash was wrong: begin a new one.


def _lock(file: IO[bytes], name: str, progress: Progress | None) -> None:
    logged = False
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not logged:
                log.info("%s: another process downloads it; waiting for that.", name)
            logged = True
            if progress:
                progress(os.fstat(file.fileno()).st_size, 0)
            time.sleep(_POLL_EVERY)  # to wait for the lock itself would hide the progress
        except OSError:  # a disk without locks
            return None


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Return whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _hash_fits(path: Path, name: str) -> bool:
    """Check a file against its name: torchvision's end in the first digits of their SHA-256."""
    expected = re.search(r"-([0-9a-f]{8,})\.", name)
    if expected is None:
        return True
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest.startswith(expected.group(1))


def _by_hand(url: str, target: Path, reason: object) -> Failure:
    return Failure(
        f"{target.name} could not be downloaded ({reason}). On a machine with a network, get "
        f"{url} and put it at {target}, or name a file with --weights FILE "
        "(in the app: `file` under weights)."
    )
