"""Ask HTTP servers: any thread can cut a request, and no redirect leads into a private network.

Proxies come from the environment, as urllib reads it; certificates come from the system.
"""

import contextlib
import socket
import string
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError as Urllib3Error
from urllib3.exceptions import IncompleteRead
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from bear_tui.sockets import PrivateAddress, Sockets, require_public
from bear_tui.version import VERSION

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_CHUNK = 1 << 20

_UNESCAPED = "%/:=&?~+!$,;'@()*[]"
"""Characters of an address that stay as they are, existing escapes included."""


class HttpError(Exception):
    """A request failed; its text is the reason. Another attempt may succeed unless `final`."""

    def __init__(self, reason: str, status: int = 0, final: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.final = final


class ConnectionFailed(HttpError):
    """The server could not be reached, or the connection broke or stayed silent."""


class Response:
    """An answer whose content is still to be read."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response
        self.status = response.status
        length = response.headers.get("Content-Length", "")
        self.length = int(length) if length.isdecimal() else 0
        """Bytes of the content; 0 if the server does not say."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the content as it arrives. Raises HttpError if it ends too early."""
        while True:
            with _as_http_errors():
                chunk = self._response.read1(_CHUNK, decode_content=False)
            if not chunk:
                return
            yield chunk


class Client:
    """Sends requests and keeps up to `connections` open for the next ones. Threads may share it.

    A request fails after `silence` seconds without a byte.
    """

    def __init__(self, silence: float, connections: int = 1) -> None:
        self._sockets = Sockets()
        self._options: dict[str, Any] = {
            "timeout": urllib3.Timeout(connect=silence, read=silence),
            "maxsize": connections,
            "ssl_context": self._sockets.tls_context(),
        }
        self._managers: dict[tuple[str, bool], urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the idle connections."""
        for manager in self._managers.values():
            manager.clear()

    def cut(self) -> None:
        """End all requests at once, and all later ones: they raise ConnectionFailed."""
        self._sockets.cut()

    def retry(self, fetch: Callable[[], None], attempts: int, pause: float) -> None:
        """Call `fetch` until it succeeds. Raises its last HttpError, or one that is final.

        Waits `pause` seconds before the second attempt and twice as long before the third. A cut
        ends the wait.
        """
        for attempt in range(1, attempts + 1):
            try:
                return fetch()
            except HttpError as error:
                if error.final or attempt == attempts or self._sockets.ended.wait(pause * attempt):
                    raise
        return None

    @contextlib.contextmanager
    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[Response]:
        """Ask for `url`, which may contain any letters; follow a few redirects. Raises HttpError.

        A server on the web must not make this computer ask what only this computer can reach. So a
        redirect to another server is followed only if all addresses of that server are public.
        """
        response = self._follow(url, {"User-Agent": f"bear-tui/{VERSION}", **(headers or {})})
        try:
            if not 200 <= response.status < 300:
                raise _refusal(response, response.reason or "")
            yield Response(response)
        finally:
            response.close()

    def _follow(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        url = _escaped(url)
        if not url:
            raise HttpError("it has no valid web address", final=True)
        trusted = True  # a person may name a private address
        response = self._send(url, headers, trusted)
        for _ in range(_MOST_REDIRECTS):
            target = _target(url, response)
            if not target:
                return response
            response.close()  # without its page, which might not end
            trusted = trusted and _server(target) == _server(url)
            try:
                following = self._send(target, headers, trusted)
            except PrivateAddress as error:
                raise _refusal(
                    response,
                    f"with a redirect to {error}, which is inside a private network; "
                    "it is not followed",
                ) from None
            url, response = target, following
        if _target(url, response):
            response.close()
            raise _refusal(response, "with more redirects than are followed")
        return response

    def _send(
        self, url: str, headers: Mapping[str, str], trusted: bool
    ) -> urllib3.BaseHTTPResponse:
        proxy = _proxy(url)
        if proxy and not trusted:
            # The proxy connects, and may know a name that this computer does not.
            host = urlsplit(url).hostname or ""
            with contextlib.suppress(OSError):
                require_public(host, [str(a[0]) for *_, a in socket.getaddrinfo(host, None)])
        with _as_http_errors():
            return self._manager(proxy, trusted or bool(proxy)).urlopen(
                "GET", url, headers=headers, redirect=False, retries=False, preload_content=False
            )

    def _manager(self, proxy: str, trusted: bool) -> urllib3.PoolManager:
        """Return the connections through `proxy`; redirects get others."""
        with self._lock:
            manager = self._managers.get((proxy, trusted))
            if manager is None:
                manager = _pool_manager(proxy, self._options)
                manager.pool_classes_by_scheme = _pool_classes(self._sockets, public=not trusted)
                self._managers[proxy, trusted] = manager
            return manager


def _escaped(url: str) -> str:
    """Return `url` with escapes for a request, or "" if it is not an address of http or https."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError if it is not a number
        host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname:
        return ""
    path, query = (
        quote(part, _UNESCAPED, errors="surrogateescape") for part in (parts.path, parts.query)
    )
    return urlunsplit((parts.scheme, host, path, query, ""))


def _target(url: str, response: urllib3.BaseHTTPResponse) -> str:
    """Return where a redirect leads, or "" if `response` is not a redirect. Raises HttpError."""
    location = response.headers.get("Location")
    if response.status not in _REDIRECTS or location is None:
        return ""
    try:
        target = _escaped(urljoin(url, quote(location, string.punctuation, "iso-8859-1")))
    except ValueError:  # from urljoin
        target = ""
    if not target:
        response.close()
        raise _refusal(response, "with a redirect to what is no web address")
    return target


def _server(url: str) -> tuple[str, int]:
    """Return host and port; 0 for the scheme's usual port, so that http and https are the same."""
    parts = urlsplit(url)
    port = 0 if parts.port in (None, _PORTS[parts.scheme]) else parts.port
    return (parts.hostname or "").rstrip("."), port or 0


def _proxy(url: str) -> str:
    """Return the proxy that the environment names for `url`, or ""."""
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme, "")
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _pool_manager(proxy: str, options: Mapping[str, Any]) -> urllib3.PoolManager:
    if not proxy:
        return urllib3.PoolManager(**options)
    user = urllib3.util.parse_url(proxy).auth
    return urllib3.ProxyManager(
        proxy,
        proxy_headers=urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None,
        proxy_ssl_context=options["ssl_context"],
        **options,
    )


def _pool_classes(sockets: Sockets, public: bool) -> dict[str, Any]:
    """Return urllib3's pools by scheme, with connections that `sockets` opens.

    urllib3 has no public way to do so. A test fails if it no longer calls `_new_conn`.
    """

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return sockets.connect(self.host, self.port, self.timeout, public)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return sockets.connect(self.host, self.port, self.timeout, public)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _refusal(response: urllib3.BaseHTTPResponse, reason: str) -> HttpError:
    """Return an error; timeouts, too many requests and the server's own errors may pass."""
    status = response.status
    final = status < 500 and status not in (408, 429)
    return HttpError(f"the server answered {status} {reason}".rstrip(), status, final)


@contextlib.contextmanager
def _as_http_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, Urllib3Error, ValueError) as error:
        raise _http_error(error) from error


def _http_error(error: BaseException) -> HttpError:
    """Return the innermost reason, in the system's words."""
    for inner in error.args:
        if isinstance(inner, BaseException):
            return _http_error(inner)
    if isinstance(error, IncompleteRead) and isinstance(error.partial, int):
        whole = error.partial + (error.expected or 0)
        return HttpError(f"only {error.partial} of {whole} bytes arrived")
    if isinstance(error, TimeoutError | Urllib3Timeout):
        return ConnectionFailed("timed out")
    return ConnectionFailed(getattr(error, "strerror", None) or str(error) or type(error).__name__)
