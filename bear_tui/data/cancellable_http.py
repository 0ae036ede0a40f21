"""Lines to servers that can be cut from another thread: a cancel waits for no silent server."""

import contextlib
import functools
import http.client
import socket
import threading
import urllib.request
from collections.abc import Callable
from typing import Any

from bear_tui.data.redirects import opener


class Ended(threading.Event):
    """Whether the work is over; when it is, every line is cut, however long it has been silent."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[socket.socket] = []
        self.opener = opener(_Http(self._lines), _Https(self._lines))

    def set(self) -> None:
        """It is over."""
        super().set()
        for line in self._lines:
            # One that has been closed by itself cannot be cut.
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class _Http(urllib.request.HTTPHandler):
    """As urllib opens addresses; each line is noted in `lines`."""

    def __init__(self, lines: list[socket.socket]) -> None:
        super().__init__()
        self._connect = functools.partial(_noted, http.client.HTTPConnection, lines)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Of an address that begins with http:."""
        return self.do_open(self._connect, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, lines: list[socket.socket]) -> None:
        super().__init__()
        self._connect = functools.partial(_noted, http.client.HTTPSConnection, lines)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Of an address that begins with https:."""
        return self.do_open(self._connect, req)


def _noted(
    make: Callable[..., http.client.HTTPConnection],
    lines: list[socket.socket],
    *arguments: Any,
    **options: Any,
) -> http.client.HTTPConnection:
    connection = make(*arguments, **options)
    connect = connection.connect

    def connect_and_note() -> None:
        connect()
        lines[:] = [line for line in lines if line.fileno() >= 0] + [connection.sock]

    connection.connect = connect_and_note  # type: ignore[method-assign]
    return connection
