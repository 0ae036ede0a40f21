"""Openers of web addresses: http and https alone, and no redirect into a private network."""

import ipaddress
import socket
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPMessage
from typing import IO, Any

WEB = {"http": 80, "https": 443}
"""The schemes that are asked, with the port that each means."""


def opener(*handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """Return an opener of http and https; `handlers` open the lines, urllib's own where none is.

    Unlike urllib's it has no handler for files and FTP.
    """
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        Redirects(),
        *(handlers or (urllib.request.HTTPHandler(), urllib.request.HTTPSHandler())),
    ):
        made.add_handler(handler)
    return made


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, none of them to this computer or into its network.

    A server on the web could else have this computer ask what only this computer can reach. Another
    page of the same server may be named, wherever that server is.
    """

    max_redirections = 5
    max_repeats = 2
    inf_msg = "with more redirects than are followed: "

    def http_error_302(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
    ) -> Any:
        """Go where the redirect leads. Raises HTTPError, whose `reason` says why not."""
        # urllib reads the page that comes with a redirect to its end, which need not come.
        fp.close()
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError as error:
            sentence = "with a redirect to what is no valid address"
            raise urllib.error.HTTPError(req.full_url, code, sentence, headers, fp) from error

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request. Raises HTTPError where it must not be made."""
        if sentence := _refusal(req.full_url, newurl):
            raise urllib.error.HTTPError(req.full_url, code, sentence, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refusal(url: str, new: str) -> str:
    """Why the redirect from `url` is not followed; empty where it may be."""
    scheme, host, port = _server(new)
    if scheme not in WEB or not host:
        return "with a redirect to what is no web address"
    if (host, port) == _server(url)[1:] or all(map(_is_public, _addresses(host))):
        return ""
    return f"with a redirect to {host}, which is inside a private network; it is not followed"


def _server(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; 0 for the usual port, so that https of the same host is the same."""
    parts = urllib.parse.urlsplit(url)
    port = 0 if parts.port in (None, WEB.get(parts.scheme)) else parts.port
    return parts.scheme, (parts.hostname or "").rstrip("."), port or 0


def _addresses(host: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None)]
    except OSError:
        # Behind a proxy names need not be known here; opening it says what is wrong.
        return []


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast
