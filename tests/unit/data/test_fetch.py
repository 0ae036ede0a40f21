"""Photos over a line that fails in every way, from a real server: whole, or not there and why."""

import contextlib
import io
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bear_tui.data.coco.download import download, place
from bear_tui.data.coco.fetch import Limits, Wanted, fetch
from bear_tui.data.coco.selection import CocoPhoto, Selection
from bear_tui.data.parallel import Cancelled
from bear_tui.errors import Failure
from tests.unit.data.photo_files import picture

QUICK = Limits(pause=0.01, silence=0.5, seconds=5)


def jpeg(seed: int) -> bytes:
    buffer = io.BytesIO()
    picture(seed, 64, 48).save(buffer, "JPEG")
    return buffer.getvalue()


@dataclass
class Server:
    """Photos by path, and which path fails how often in which way."""

    address: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    faults: dict[str, tuple[str, int]] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    ending: threading.Event = field(default_factory=threading.Event)

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    @contextlib.contextmanager
    def counted(self, name: str) -> Iterator[str]:
        """The fault to show this time."""
        with self.lock:
            self.asked[name] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            fault, times = self.faults.get(name, ("", 0))
            shown = fault if self.asked[name] <= times else ""
        try:
            yield shown
        finally:
            with self.lock:
                self.at_once -= 1


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Silent."""

        def do_GET(self) -> None:
            # Counted until the answer begins: who has read it may be here again before this ends.
            with state.counted(self.path[1:]) as fault:
                time.sleep(0.02)
            with contextlib.suppress(OSError):
                self.answer(fault)

        def answer(self, fault: str) -> None:
            content = jpeg(sum(self.path.encode()))
            if fault in ("404", "503"):
                self.send_error(int(fault))
                return
            if fault == "page":
                content = b"<html>sign in</html>"
            length = {"long": len(content) + 500, "short": len(content) - 500}
            self.send_response(200)
            self.send_header("Content-Length", str(length.get(fault, len(content))))
            self.end_headers()
            if fault == "stall":
                self.wfile.write(content[:300])
                self.wfile.flush()
                state.ending.wait(3)
            elif fault == "cut":
                self.wfile.write(content[:300])
            elif fault == "trickle":
                for place in range(0, len(content), 20):
                    self.wfile.write(content[place : place + 20])
                    if state.ending.wait(0.1):
                        return
            else:
                self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.address = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield state
        state.ending.set()
        http.shutdown()
        thread.join()


def wanted(server: Server, folder: Path, *names: str) -> list[Wanted]:
    return [Wanted(server.url(name), folder / name) for name in names]


@pytest.mark.parametrize("fault", ["503", "stall", "cut", "long", "short", "page"])
def test_what_fails_once_is_tried_again(server: Server, tmp_path: Path, fault: str) -> None:
    server.faults = {"a.jpg": (fault, 1)}
    assert fetch(wanted(server, tmp_path, "a.jpg"), QUICK) == {}
    assert (tmp_path / "a.jpg").read_bytes() == jpeg(sum(b"/a.jpg"))
    assert server.asked["a.jpg"] == 2


@pytest.mark.parametrize(
    ("fault", "asked", "words"),
    [
        ("404", 1, "the server answered 404"),
        ("503", 3, "the server answered 503"),
        ("stall", 3, "timed out"),
        ("cut", 3, "only 300 of"),
        ("long", 3, "bytes arrived"),
        ("short", 3, "the end of the file is missing"),
        ("page", 3, "but a web page"),
    ],
)
def test_what_cannot_be_had_is_not_there_and_said_why(
    server: Server, tmp_path: Path, fault: str, asked: int, words: str
) -> None:
    server.faults = {"a.jpg": (fault, 9)}
    limits = replace(QUICK, silence=0.2)
    reasons = fetch(wanted(server, tmp_path, "a.jpg", "b.jpg"), limits)
    assert list(reasons) == [server.url("a.jpg")]
    assert words in reasons[server.url("a.jpg")]
    assert server.asked["a.jpg"] == asked
    assert [path.name for path in tmp_path.iterdir()] == ["b.jpg"]


@pytest.mark.parametrize(("good", "asked"), [((), 12), (("0.jpg", "1.jpg"), 40)])
def test_where_no_server_is_reached_the_rest_is_not_asked_for(
    server: Server, tmp_path: Path, good: tuple[str, ...], asked: int
) -> None:
    names = [f"{number}.jpg" for number in range(40)]
    server.faults = {name: ("stall", 9) for name in names if name not in good}
    failed = fetch(wanted(server, tmp_path, *names), replace(QUICK, attempts=1, silence=0.2))
    assert len(failed) == 40 - len(good)
    assert all("the connection failed" in reason for reason in failed.values())
    assert asked - 6 <= server.asked.total() <= asked, "six at once"


def test_size_and_time_are_limited(server: Server, tmp_path: Path) -> None:
    small = replace(QUICK, bytes=500)
    (reason,) = fetch(wanted(server, tmp_path, "a.jpg"), small).values()
    assert "larger than" in reason
    server.faults = {"b.jpg": ("trickle", 9)}
    hasty = replace(QUICK, seconds=0.3, attempts=1)
    (reason,) = fetch(wanted(server, tmp_path, "b.jpg"), hasty).values()
    assert "took longer" in reason
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_none_is_said_once_and_the_others_are_asked(
    server: Server, tmp_path: Path
) -> None:
    odd = ["http://[x/a.jpg", "http://host:port/a.jpg", "http:///a.jpg", "a.jpg"]
    photos = [Wanted(url, tmp_path / "odd") for url in odd]
    reasons = fetch([*photos, *wanted(server, tmp_path, "b.jpg")], QUICK)
    assert list(reasons) == odd
    assert all("web address" in reason for reason in reasons.values())
    assert (tmp_path / "b.jpg").exists()


def test_letters_of_any_alphabet_and_spaces_are_asked_for_escaped(
    server: Server, tmp_path: Path
) -> None:
    names = ["медведь 1.jpg", "b%20r.jpg", "caf\udce9.jpg"]
    assert fetch(wanted(server, tmp_path, *names), QUICK) == {}
    assert set(server.asked) == {
        "%D0%BC%D0%B5%D0%B4%D0%B2%D0%B5%D0%B4%D1%8C%201.jpg",
        "b%20r.jpg",
        "caf%E9.jpg",
    }


def test_only_the_web_is_asked(tmp_path: Path) -> None:
    for url in ("file:///etc/passwd", "", "ftp://host/a.jpg"):
        assert fetch([Wanted(url, tmp_path / "a")], QUICK) == {url: "it has no valid web address"}


def test_a_few_at_a_time_and_a_second_call_goes_on(server: Server, tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(30)]
    server.faults = {"7.jpg": ("404", 1)}
    seen: list[tuple[int, int]] = []
    photos = wanted(server, tmp_path, *names)
    fetch(photos, QUICK, lambda done, total: seen.append((done, total)))
    assert seen == [(number, 30) for number in range(1, 31)]
    assert 2 <= server.most_at_once <= QUICK.at_once
    assert fetch(photos, QUICK) == {}
    assert server.asked == Counter(names) + Counter(["7.jpg"])


def test_a_cancel_is_quick_and_leaves_no_half_photo(server: Server, tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(40)]
    server.faults = dict.fromkeys(names[10:], ("503", 9))
    stop = threading.Event()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        fetch(
            wanted(server, tmp_path, *names),
            replace(QUICK, pause=30),
            lambda done, _total: stop.set() if done == 5 else None,
            stop,
        )
    assert time.monotonic() - began < 5
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".jpg"]


def test_a_cancel_does_not_wait_for_servers_that_stay_silent(
    server: Server, tmp_path: Path
) -> None:
    names = [f"{number}.jpg" for number in range(10)]
    server.faults = dict.fromkeys(names, ("stall", 9))
    stop, cancelled_at = threading.Event(), 0.0

    def cancel() -> None:
        nonlocal cancelled_at
        while server.asked.total() < QUICK.at_once:
            time.sleep(0.01)
        cancelled_at = time.monotonic()
        stop.set()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        fetch(wanted(server, tmp_path, *names), replace(QUICK, silence=20), cancelled=stop)
    assert time.monotonic() - cancelled_at < 0.5
    assert list(tmp_path.iterdir()) == []
    thread.join()


def selection(server: Server) -> Selection:
    def photos(label: str) -> tuple[CocoPhoto, ...]:
        names = [f"{label}/{number}.jpg" for number in range(6)]
        return tuple(
            CocoPhoto(name, server.url(name), frozenset({label}), {"licence": {"id": 4}})
            for name in names
        )

    return Selection({"bear": photos("bear"), "rest": photos("rest")}, ())


def test_only_the_needed_photos_are_fetched_and_failures_replaced(
    server: Server, tmp_path: Path
) -> None:
    server.faults = {"bear/1.jpg": ("404", 9)}
    found = download(selection(server), tmp_path, 3, QUICK)
    labels = Counter(photo.label for photo in found.inventory.photos)
    assert labels == {"bear": 3, "rest": 3}
    assert set(server.asked) == {
        *(f"bear/{number}.jpg" for number in range(4)),
        *(f"rest/{number}.jpg" for number in range(3)),
    }
    (problem,) = found.inventory.problems
    assert (problem.kind, problem.path.name) == ("unreadable", "1.jpg")
    assert "404" in problem.detail
    assert all(found.origins[p.path] == {"licence": {"id": 4}} for p in found.inventory.photos)


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    nowhere = Server(address="http://127.0.0.1:9")
    with pytest.raises(Failure, match="no photo could be downloaded"):
        download(selection(nowhere), tmp_path, 2, replace(QUICK, attempts=1))


def test_addresses_that_differ_anywhere_have_places_of_their_own(tmp_path: Path) -> None:
    long = "http://x/" + "a" * 200
    addresses = [f"{long}{number}.jpg" for number in range(10)]
    addresses += [f"http://x/{'b/' * 100}{number}/same.jpg" for number in range(3)]
    addresses += [f"http://x/photo?{'k' * 150}={number}" for number in range(3)]
    addresses += ["http://x/a:b.jpg", "http://x/a_b.jpg", "http://x/A_b.jpg", "https://x/a_b.jpg"]
    addresses += ["http://x/a.jpg?", "http://x/a.jpg", "http://x/a.jpg#1", "http://x//a.jpg"]
    photos = [CocoPhoto("one.jpg", address, frozenset(), {}) for address in addresses]
    places = {str(place(tmp_path, photo)).casefold() for photo in photos}
    assert len(places) == len(addresses)
    assert place(tmp_path, photos[0]).name.endswith("0.jpg"), "a person finds it"


def test_addresses_are_places_inside_the_folder(tmp_path: Path) -> None:
    for url in ("http://x/../../../etc/passwd", "http://x/a/b.jpg?v=../..", "http://../..", ""):
        path = place(tmp_path, CocoPhoto("../x.jpg", url, frozenset(), {}))
        assert path.resolve().is_relative_to(tmp_path.resolve())
        assert path != tmp_path
