"""Download photos, a few at a time: each is whole and decodable, or not there."""

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui import files
from bear_tui.data.parallel import Progress, in_threads
from bear_tui.data.photos.photo import PhotoError, read_photo
from bear_tui.files import explain
from bear_tui.http_client import Client, ConnectionFailed, HttpError


@dataclass(frozen=True)
class Limits:
    """How much to ask of a server, and how long to wait for it."""

    at_once: int = 6
    attempts: int = 3
    pause: float = 1.0
    """Seconds before the second attempt; twice as many before the third."""
    silence: float = 20.0
    """Seconds without a byte."""
    seconds: float = 120.0
    """For one photo, however slowly it comes."""
    bytes: int = 50_000_000
    """The largest photo."""


@dataclass(frozen=True)
class Wanted:
    """A photo to fetch, and the file to fetch it to."""

    url: str
    target: Path


def fetch(
    wanted: Sequence[Wanted],
    limits: Limits = Limits(),
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> dict[str, str]:
    """Fetch the photos that are not there yet; return why each URL that failed did.

    Photos that are there stay, so a second call continues where the first ended. Where the first
    few reach no server, the others are not tried. Raises Failure where the disk refuses, Cancelled
    once `cancelled` is set.
    """
    reached, unreached = threading.Event(), list[str]()

    def fetch_one(photo: Wanted) -> str:
        if files.is_file(photo.target):
            return ""
        if len(unreached) >= limits.at_once and not reached.is_set():
            return unreached[0]
        try:
            client.retry(lambda: _once(photo, limits, client), limits.attempts, limits.pause)
        except ConnectionFailed as error:
            unreached.append(f"the connection failed: {error}")
            return unreached[-1]
        except HttpError as error:
            reached.set()
            return str(error)
        reached.set()
        return ""

    with contextlib.closing(Client(limits.silence, limits.at_once)) as client:
        reasons = list(
            in_threads(fetch_one, wanted, progress, cancelled, limits.at_once, client.cut)
        )
    return {photo.url: reason for photo, reason in zip(wanted, reasons, strict=True) if reason}


def _once(photo: Wanted, limits: Limits, client: Client) -> None:
    target = photo.target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".part", ".", target.parent)
    except OSError as error:
        raise explain(error, target) from error
    part = Path(name)
    try:
        content = _download(photo.url, limits, client)
        try:
            with os.fdopen(handle, "wb", closefd=False) as file:
                file.write(content)
        except OSError as error:
            raise explain(error, target) from error
        try:
            read_photo(part, 64)
        except PhotoError as error:
            raise HttpError(f"what arrived is no whole photo: {error.detail}") from error
        part.replace(target)
    finally:
        os.close(handle)
        part.unlink(missing_ok=True)


def _download(url: str, limits: Limits, client: Client) -> bytes:
    end = time.monotonic() + limits.seconds
    content = bytearray()
    with client.get(url) as response:
        for chunk in response.chunks():
            content += chunk
            if len(content) > limits.bytes:
                raise HttpError(f"it is larger than {limits.bytes / 1e6:.0f} MB", final=True)
            if time.monotonic() > end:
                raise HttpError(f"it took longer than {limits.seconds:.0f} s")
    return bytes(content)
