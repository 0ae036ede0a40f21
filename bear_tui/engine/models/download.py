"""Downloading a large file over a line that may break: resumed, checked, whole or not there."""

import contextlib
import fcntl
import hashlib
import http.client
import logging
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

from bear_tui import files
from bear_tui.data.redirects import opener
from bear_tui.errors import Failure

log = logging.getLogger(__name__)

_CHUNK = 1 << 20

_LOOK_EVERY = 0.2
"""Seconds between two looks whether another process is done."""

Progress: TypeAlias = Callable[[int, int], None]


def download(
    url: str,
    target: Path,
    progress: Progress | None = None,
    timeout: float = 20.0,
    attempts: int = 3,
    pause: float = 1.0,
) -> None:
    """Fetch `url` to `target`, whole and with the hash its name ends in, or not at all.

    What a broken line left is kept beside `target` as `.part` and continued, also by a later
    call. Where another process fetches it, that one is waited for, and gone on for if it ends.
    `progress(done, total)` is told in bytes; `timeout` is seconds of silence. Raises Failure with
    a sentence that names the file, where to get it and where to put it.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(part, target, progress) as needed:
            if needed:
                _try(url, part, target, progress, timeout, attempts, pause)
    except OSError as error:
        failure = files.explain(error, target)
        raise type(failure)(f"{failure} BEAR_TUI_CACHE names another folder.") from None


def _try(
    url: str,
    part: Path,
    target: Path,
    progress: Progress | None,
    timeout: float,
    attempts: int,
    pause: float,
) -> None:
    trouble: object = ""
    for attempt in range(attempts):
        if attempt:
            time.sleep(pause * attempt)  # what is broken now may be mended then
        try:
            _fetch(url, part, progress, timeout)
            break
        except urllib.error.HTTPError as error:
            trouble = f"the server answered {error.code} {error.reason}"
            if error.code == 416:  # what is there is no beginning of this file
                os.truncate(part, 0)
            elif error.code < 500 and error.code not in (408, 429):
                raise _by_hand(url, target, trouble) from None
        except (urllib.error.URLError, TimeoutError, http.client.HTTPException) as error:
            trouble = getattr(error, "reason", error) or type(error).__name__
        except ConnectionError as error:
            trouble = error.strerror or type(error).__name__
    else:
        raise _by_hand(url, target, trouble)
    if not _hash_fits(part, target.name):
        part.unlink()
        raise _by_hand(url, target, "what arrived is damaged (its hash is wrong)")
    # As in files.atomic, which cannot go on with what is there.
    os.replace(part, target)  # noqa: PTH105
    files.sync_folder(target.parent)


@contextlib.contextmanager
def _alone(part: Path, target: Path, progress: Progress | None) -> Iterator[bool]:
    """Be the only one who writes `part`. False: somebody else has made it the target meanwhile.

    The file itself is locked, so that a process that is killed locks nobody out.
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
        # Thrown away by who had it before, for its hash was wrong: begin a new one.


def _lock(file: IO[bytes], name: str, progress: Progress | None) -> None:
    told = False
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                log.info("%s: another process downloads it; waiting for that.", name)
            told = True
            if progress:
                progress(os.fstat(file.fileno()).st_size, 0)
            time.sleep(_LOOK_EVERY)  # a lock that is waited for could not tell how far it is
        except OSError:  # a disk that has no locks
            return None


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _fetch(url: str, part: Path, progress: Progress | None, timeout: float) -> None:
    have = part.stat().st_size
    request = urllib.request.Request(url, headers={"User-Agent": "bear-tui"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with opener().open(request, timeout=timeout) as answer:
        if answer.status != 206:  # the server sends all of it again
            have = 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length and length.isdecimal() else 0
        with part.open("ab" if have else "wb") as file:
            while chunk := answer.read1(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if progress:
                    progress(have, total)
            file.flush()
            os.fsync(file.fileno())
    if total and have < total:
        raise http.client.IncompleteRead(b"", total - have)


def _hash_fits(path: Path, name: str) -> bool:
    """Torchvision's file names end in the first digits of their SHA-256."""
    wanted = re.search(r"-([0-9a-f]{8,})\.", name)
    if wanted is None:
        return True
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest.startswith(wanted.group(1))


def _by_hand(url: str, target: Path, trouble: object) -> Failure:
    return Failure(
        f"{target.name} could not be downloaded ({trouble}). On a machine with a network, get "
        f"{url} and put it at {target}, or name a file with --weights FILE "
        "(in the app: `file` under weights)."
    )
