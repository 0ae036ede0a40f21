"""Downloads of photos, a few at a time: each whole and decodable, or not there."""

import http.client
import os
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bear_tui import files
from bear_tui.data.cancellable_http import Ended
from bear_tui.data.parallel import Progress, in_threads, stop_if
from bear_tui.data.photos.photo import PhotoError, read_photo
from bear_tui.data.redirects import WEB
from bear_tui.files import explain
from bear_tui.version import VERSION


@dataclass(frozen=True)
class Limits:
    """How much to ask of a server and of our own patience."""

    at_once: int = 6
    attempts: int = 3
    pause: float = 1.0
    """Seconds before the second attempt; twice as many before the third."""
    silence: float = 20.0
    """Seconds without a byte."""
    seconds: float = 120.0
    """For one photo, however it trickles."""
    bytes: int = 50_000_000
    """The largest photo."""


@dataclass(frozen=True)
class Wanted:
    """A photo to fetch, and the file to fetch it to."""

    url: str
    target: Path


_NO_LINE = "the line failed"

_KEPT = "%/:=&?~+!$,;'@()*[]"
"""Marks that an address has as they are, its own escapes among them."""


class _Trouble(Exception):
    """Why an attempt failed; `last` where another would fail too."""

    def __init__(self, sentence: str, last: bool = False) -> None:
        super().__init__(sentence)
        self.last = last


def fetch(
    wanted: Sequence[Wanted],
    limits: Limits = Limits(),
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> dict[str, str]:
    """Fetch what is not there yet; for each URL that could not be had, why.

    What is there stays, so a second call goes on where the first ended. Where no server is reached
    for the first few, the others are not asked for. Raises Failure where the disk refuses,
    Cancelled once `cancelled` is set.
    """
    ended = Ended()
    reached, unreached = threading.Event(), list[str]()

    def one(photo: Wanted) -> str:
        if files.is_file(photo.target):
            return ""
        if len(unreached) >= limits.at_once and not reached.is_set():
            return unreached[0]
        reason = _persistently(photo, limits, ended)
        if reason.startswith(_NO_LINE):
            unreached.append(reason)
        else:
            reached.set()
        return reason

    reasons = in_threads(one, wanted, progress, cancelled, limits.at_once, ended)
    return {photo.url: reason for photo, reason in zip(wanted, reasons, strict=True) if reason}


def _persistently(photo: Wanted, limits: Limits, ended: Ended) -> str:
    """Fetch, again if need be; the reason where it cannot be had."""
    try:
        address = _address(photo.url)
    except ValueError:
        return "its web address is not valid"
    if not address:
        return "it has no web address"
    reason = ""
    for attempt in range(limits.attempts):
        if attempt:
            ended.wait(limits.pause * attempt)
        stop_if(ended)
        try:
            _once(address, photo.target, limits, ended)
            return ""
        except _Trouble as trouble:
            reason = str(trouble)
            if trouble.last:
                break
    return reason


def _address(url: str) -> str:
    """The address as a server is asked for it, or nothing where it is none of the web.

    Raises ValueError where it cannot be read.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in WEB or not parts.hostname:
        return ""
    # A port that is none raises; spaces and letters beyond ASCII have to be escaped.
    _ = parts.port
    host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    path, query = (_escaped(part) for part in (parts.path, parts.query))
    return urllib.parse.urlunsplit((parts.scheme, host, path, query, ""))


def _escaped(part: str) -> str:
    return urllib.parse.quote(part, _KEPT, errors="surrogateescape")


def _once(url: str, target: Path, limits: Limits, ended: Ended) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".part", ".", target.parent)
    except OSError as error:
        raise explain(error, target) from error
    part = Path(name)
    try:
        content = _download(url, limits, ended)
        try:
            with os.fdopen(handle, "wb", closefd=False) as file:
                file.write(content)
        except OSError as error:
            raise explain(error, target) from error
        try:
            read_photo(part, 64)
        except PhotoError as error:
            raise _Trouble(f"what arrived is no whole photo: {error.detail}") from error
        part.replace(target)
    finally:
        os.close(handle)
        part.unlink(missing_ok=True)


def _download(url: str, limits: Limits, ended: Ended) -> bytes:
    began = time.monotonic()
    request = urllib.request.Request(url, headers={"User-Agent": f"bear-tui/{VERSION}"})
    try:
        with ended.opener.open(request, timeout=limits.silence) as answer:
            content = bytearray()
            while chunk := answer.read1(1 << 16):
                stop_if(ended)
                content += chunk
                if len(content) > limits.bytes:
                    raise _Trouble(f"it is larger than {limits.bytes / 1e6:.0f} MB", last=True)
                if time.monotonic() - began > limits.seconds:
                    raise _Trouble(f"it took longer than {limits.seconds:.0f} s")
            length = answer.headers.get("Content-Length", "")
            if length.isdecimal() and len(content) < int(length):
                raise _Trouble(f"only {len(content)} of {length} bytes arrived")
    except urllib.error.HTTPError as error:
        # Too many requests, a timeout or an ill server may pass; a missing photo stays missing.
        last = error.code < 500 and error.code not in (408, 429)
        raise _Trouble(f"the server answered {error.code} {error.reason}", last) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise _Trouble(f"{_NO_LINE}: {reason}") from error
    return bytes(content)
