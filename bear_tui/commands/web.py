"""The web server of `bear-tui serve`: textual-serve's, closed to other web pages."""

from aiohttp import web
from textual_serve.server import Server


class _OwnPageServer(Server):
    """Only the page that this server gave may talk to the app.

    A browser lets any page open a websocket to 127.0.0.1, and an app reads and writes files.
    """

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command has."""

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        own = {f"http://{name}:{self.port}" for name in (self.host, "localhost")}
        if request.headers.get("Origin") not in own:
            raise web.HTTPForbidden(text="This page is not of bear-tui.")
        return await super().handle_websocket(request)


def serve_app(command: str, host: str, port: int) -> None:
    """Serve the app that `command` starts until ctrl+c. OSError where the port is taken."""
    _OwnPageServer(command, host=host, port=port, title="bear-tui").serve()
