"""A server's redirect is followed where it leads to the web, a few times, and never inside."""

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bear_tui.data.coco.download import download as download_selection
from bear_tui.data.coco.fetch import Limits, Wanted, fetch
from bear_tui.data.coco.selection import CocoPhoto, Selection
from bear_tui.engine.models.download import download
from bear_tui.errors import Failure
from tests.unit.data.photo_files import picture

QUICK = Limits(pause=0.01, silence=0.5, seconds=5)


def jpeg() -> bytes:
    buffer = io.BytesIO()
    picture(1, 64, 48).save(buffer, "JPEG")
    return buffer.getvalue()


class Server(ThreadingHTTPServer):
    """Answers with the redirect that `to` has for a path, else with a photo."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.to: dict[str, str] = {}
        self.asked: list[str] = []
        self.endless = False
        self.closing = threading.Event()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        place = self.server.to.get(self.path)
        with contextlib.suppress(OSError):
            if place is None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(jpeg())
                return
            self.send_response(302)
            self.send_header("Location", place)
            if self.server.endless:
                self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            self.wfile.flush()
            if self.server.endless:
                self.server.closing.wait(5)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.fixture
def inside() -> Iterator[Server]:
    """What only this computer reaches."""
    with serving() as made:
        yield made


def reason(server: Server, folder: Path, path: str = "/a.jpg") -> str:
    found = fetch([Wanted(server.url(path), folder / "a.jpg")], QUICK)
    return next(iter(found.values()), "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
def test_no_redirect_leads_to_this_computer(
    server: Server, inside: Server, tmp_path: Path, host: str
) -> None:
    server.to = {"/a.jpg": inside.url("/secret.jpg", host)}
    assert "inside a private network" in reason(server, tmp_path)
    assert inside.asked == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    [
        "http://10.0.0.1/a.jpg",
        "http://192.168.1.1/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/a.jpg",
        "http://[fe80::1]/a.jpg",
        "http://0.0.0.0/a.jpg",
        "http://100.64.0.1/a.jpg",
    ],
)
def test_no_redirect_leads_into_a_private_network(
    server: Server, tmp_path: Path, place: str
) -> None:
    server.to = {"/a.jpg": place}
    assert "inside a private network" in reason(server, tmp_path)
    assert server.asked == ["/a.jpg"], "asking again would not help"


def test_a_name_of_a_private_address_is_seen_through(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = socket.getaddrinfo

    def resolve(host: str, port: int | None, *more: Any) -> Any:
        return known("192.168.7.7" if host == "photos.example.com" else host, port, *more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    server.to = {"/a.jpg": "http://photos.example.com/a.jpg"}
    assert "redirect to photos.example.com" in reason(server, tmp_path)


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/a.jpg", "http://["])
def test_no_redirect_leads_out_of_the_web(server: Server, tmp_path: Path, place: str) -> None:
    server.to = {"/a.jpg": place}
    assert "302" in reason(server, tmp_path)
    assert server.asked == ["/a.jpg"]
    assert list(tmp_path.iterdir()) == []


def test_another_page_of_the_same_server_may_be_named(server: Server, tmp_path: Path) -> None:
    server.to = {"/a.jpg": "/b.jpg", "/b.jpg": server.url("/c.jpg")}
    assert reason(server, tmp_path) == ""
    assert server.asked == ["/a.jpg", "/b.jpg", "/c.jpg"]
    assert (tmp_path / "a.jpg").read_bytes() == jpeg()


def test_redirects_end(server: Server, tmp_path: Path) -> None:
    server.to = {f"/{number}.jpg": f"/{number + 1}.jpg" for number in range(100)}
    assert "more redirects than are followed" in reason(server, tmp_path, "/0.jpg")
    assert len(server.asked) == 6
    server.to = {"/a.jpg": "/a.jpg"}
    assert "more redirects than are followed" in reason(server, tmp_path)


def test_the_page_of_a_redirect_is_not_waited_for(server: Server, tmp_path: Path) -> None:
    server.endless = True
    server.to = {"/a.jpg": "/b.jpg"}
    assert reason(server, tmp_path) == ""


def test_a_coco_download_goes_on_without_a_photo_that_leads_inside(
    server: Server, inside: Server, tmp_path: Path
) -> None:
    server.to = {"/bear.jpg": inside.url("/secret.jpg")}
    named = {"bear": ("bear.jpg", "good.jpg"), "rest": ("other.jpg",)}
    candidates = {
        label: tuple(CocoPhoto(n, server.url(f"/{n}"), frozenset(), {}) for n in names)
        for label, names in named.items()
    }
    found = download_selection(Selection(candidates, ()), tmp_path, 1, QUICK)
    assert sorted(photo.label for photo in found.inventory.photos) == ["bear", "rest"]
    assert inside.asked == []


def test_weights_are_not_taken_from_inside_either(
    server: Server, inside: Server, tmp_path: Path
) -> None:
    for place in (inside.url("/w.pth"), "ftp://127.0.0.1/w.pth", "http://["):
        server.to = {"/w.pth": place}
        with pytest.raises(Failure, match="302"):
            download(server.url("/w.pth"), tmp_path / "w.pth", pause=0.01)
    assert inside.asked == []
