"""The web server of `bear-tui serve`: textual-serve, closed to other web pages and hosts."""

import logging
import re

from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.server import Server

PAGES = 8
"""Apps at a time: each takes about 700 MB once torch is loaded."""

_OF_THE_WEB = re.compile(r"<link[^>]*\shref=\"https?://(?!127\.0\.0\.1[:/])[^>]*>")
"""The link by which textual-serve's page loads its font from another host."""
_FONT = """<style>
  @font-face {
    font-family: "Roboto Mono";
    src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf");
  }
</style>"""


class _OwnPageServer(Server):
    """Serves the app only to its own page, which loads nothing from elsewhere.

    A browser lets any page open a websocket to 127.0.0.1, and the app reads and writes files.
    """

    def __init__(self, command: str, host: str, port: int, pages: int) -> None:
        super().__init__(command, host=host, port=port, title="bear-tui")
        self._own = [f"{name}:{port}" for name in (host, "localhost")]
        self._pages = pages
        self._open = 0

    def initialize_logging(self) -> None:
        """Stay silent: the command has printed the address."""
        logging.getLogger("textual-serve").setLevel(logging.CRITICAL + 1)

    async def on_startup(self, app: web.Application) -> None:
        """Stay silent: the command has printed the address."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._from_here_alone)
        return app

    @web.middleware
    async def _from_here_alone(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Forbid the browser to load anything from elsewhere."""
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Content-Security-Policy"] = self._policy()
            answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    def _policy(self) -> str:
        pages = " ".join(f"http://{own}" for own in self._own)
        sockets = " ".join(f"ws://{own}" for own in self._own)
        return (
            f"default-src {pages}; script-src {pages} 'unsafe-inline'; "
            f"style-src {pages} 'unsafe-inline'; img-src {pages} data:; font-src {pages} data:; "
            f"connect-src {pages} {sockets}; object-src 'none'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        self._refuse_more()
        page = await super().handle_index(request)
        if isinstance(page, web.Response) and page.text:
            page.text = _OF_THE_WEB.sub(_FONT, page.text, count=1)
        return page

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        if request.headers.get("Origin") not in {f"http://{own}" for own in self._own}:
            raise web.HTTPForbidden(text="This page does not belong to bear-tui.")
        self._refuse_more()
        self._open += 1
        try:
            return await super().handle_websocket(request)
        finally:  # the app has ended; with a training it outlives its page
            self._open -= 1

    def _refuse_more(self) -> None:
        if self._open >= self._pages:
            raise web.HTTPServiceUnavailable(
                text=f"{self._pages} apps are open already, on a page or with a running training: "
                "close a page or stop a training, then reload this one."
            )


def serve_app(command: str, host: str, port: int, pages: int = PAGES) -> None:
    """Serve the app that `command` starts until ctrl+c. Raises OSError if the port is taken."""
    _OwnPageServer(command, host, port, pages).serve()
