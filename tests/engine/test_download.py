"""A real server on loopback, with the faults that real lines and servers have."""

import hashlib
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bear_tui.engine.models.download import download
from bear_tui.errors import Failure

CONTENT = bytes(range(256)) * 2048  # half a MB
HALF = len(CONTENT) // 2
NAME = f"net-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


class Server(ThreadingHTTPServer):
    """Serves CONTENT. Each request takes the next of `faults`; after the last all is well."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[str] = []
        self.ranges: list[str | None] = []
        self.closing = threading.Event()
        self.go_on = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/models/{NAME}"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.close_connection = True
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault.isdigit():
            self.send_error(int(fault))
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if fault == "ignores the range":
            start = 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        body = CONTENT[start:]
        if fault.endswith("other content"):
            body = bytes(len(body))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        length = len(body) + {"tells too much": 100, "tells too little": -100}.get(fault, 0)
        if fault == "chunks cut":
            self.send_header("Transfer-Encoding", "chunked")
        elif fault != "tells no length":
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if fault == "chunks cut":
            self.wfile.write(b"%x\r\n" % len(body) + body[:HALF])
        elif fault.startswith("slow"):
            self.wfile.write(body[:HALF])
            self.wfile.flush()
            self.server.go_on.wait(20)
            self.wfile.write(body[HALF:])
        elif fault in ("cut", "reset", "stall"):
            self.wfile.write(body[: HALF - start])
            self.wfile.flush()
            if fault == "stall":
                self.server.closing.wait(3)
            if fault == "reset":
                linger = struct.pack("ii", 1, 0)  # close with RST, without a goodbye
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.closing.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights" / NAME


def fetch(server: Server, target: Path, timeout: float = 2.0) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    download(server.url, target, lambda *now: told.append(now), timeout=timeout, pause=0.01)
    return told


def part_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def assert_whole(target: Path) -> None:
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def assert_sentence(failure: Failure, server: Server, target: Path) -> None:
    sentence = str(failure)
    assert sentence.startswith(f"{NAME} could not be downloaded (")
    assert server.url in sentence
    assert str(target) in sentence
    assert "--weights FILE" in sentence
    assert "(in the app: `file` under weights)" in sentence
    assert "\n" not in sentence
    assert failure.exit_status == 1


def test_a_file_arrives_whole_and_progress_is_told(server: Server, target: Path) -> None:
    told = fetch(server, target)
    assert_whole(target)
    assert server.ranges == [None]
    assert told == sorted(told)
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_nobody_has_to_listen_to_progress(server: Server, target: Path) -> None:
    download(server.url, target)
    assert_whole(target)


@pytest.mark.parametrize("status", ["404", "403"])
def test_a_refusal_is_told_at_once_and_leaves_nothing(
    server: Server, target: Path, status: str
) -> None:
    server.faults = [status] * 5
    with pytest.raises(Failure, match=f"the server answered {status}") as caught:
        fetch(server, target)
    assert_sentence(caught.value, server, target)
    assert len(server.ranges) == 1, "asking again would not help"
    assert list(target.parent.iterdir()) == []


def test_a_broken_line_is_gone_on_with_where_it_broke(server: Server, target: Path) -> None:
    server.faults = ["cut"]
    told = fetch(server, target)
    assert_whole(target)
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert told == sorted(told)
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert all(total == len(CONTENT) for _, total in told)


@pytest.mark.parametrize("fault", ["reset", "stall", "chunks cut"])
def test_a_line_that_breaks_in_any_way_is_tried_again(
    server: Server, target: Path, fault: str
) -> None:
    server.faults = [fault]
    fetch(server, target, timeout=0.2)
    assert_whole(target)
    assert len(server.ranges) == 2


def test_a_server_that_has_trouble_for_a_moment_is_asked_again(
    server: Server, target: Path
) -> None:
    server.faults = ["503", "500"]
    fetch(server, target)
    assert_whole(target)


def test_a_line_that_stays_silent_ends_with_a_sentence(server: Server, target: Path) -> None:
    server.faults = ["stall"] * 3
    with pytest.raises(Failure, match="timed out") as caught:
        fetch(server, target, timeout=0.1)
    assert_sentence(caught.value, server, target)
    assert not target.exists()


def test_a_later_call_goes_on_with_what_an_earlier_one_got(server: Server, target: Path) -> None:
    server.faults = ["cut"] * 3
    with pytest.raises(Failure):
        fetch(server, target)
    assert part_of(target).read_bytes() == CONTENT[:HALF]
    server.ranges.clear()
    fetch(server, target)
    assert server.ranges == [f"bytes={HALF}-"]
    assert_whole(target)


def test_a_server_that_ignores_the_range_sends_all_again(server: Server, target: Path) -> None:
    server.faults = ["cut", "ignores the range"]
    told = fetch(server, target)
    assert_whole(target)
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_server_that_tells_no_length_is_believed_by_the_hash(
    server: Server, target: Path
) -> None:
    server.faults = ["tells no length"]
    assert fetch(server, target)[-1] == (len(CONTENT), 0)
    assert_whole(target)


@pytest.mark.parametrize("fault", ["tells too much", "tells too little", "other content"])
def test_what_is_not_the_file_is_never_put_in_its_place(
    server: Server, target: Path, fault: str
) -> None:
    server.faults = [fault] * 9
    with pytest.raises(Failure) as caught:
        fetch(server, target)
    assert_sentence(caught.value, server, target)
    assert not target.exists()
    server.faults = []
    fetch(server, target)
    assert_whole(target)


@pytest.mark.parametrize("fault", ["tells too little", "other content"])
def test_a_wrong_hash_leaves_nothing_behind(server: Server, target: Path, fault: str) -> None:
    server.faults = [fault] * 9
    with pytest.raises(Failure, match="its hash is wrong"):
        fetch(server, target)
    assert list(target.parent.iterdir()) == []


def test_a_file_that_was_there_before_stays_until_the_new_one_is_whole(
    server: Server, target: Path
) -> None:
    target.parent.mkdir()
    target.write_bytes(b"old")
    server.faults = ["other content"]
    with pytest.raises(Failure):
        fetch(server, target)
    assert target.read_bytes() == b"old"
    fetch(server, target)
    assert_whole(target)


def test_a_part_of_some_other_file_is_thrown_away(server: Server, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"<html>please log in</html>")
    with pytest.raises(Failure, match="its hash is wrong"):
        fetch(server, target)
    assert list(target.parent.iterdir()) == []
    fetch(server, target)
    assert_whole(target)


@pytest.mark.parametrize("extra", [b"", b"more"])
def test_a_part_as_long_as_the_file_does_no_harm(
    server: Server, target: Path, extra: bytes
) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT + extra)
    fetch(server, target)
    assert_whole(target)


def test_a_name_without_a_hash_is_taken_as_it_comes(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path / "weights.pth")
    assert_whole(tmp_path / "weights.pth")


def test_no_server_at_all_is_a_sentence(server: Server, target: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/{NAME}"
        with pytest.raises(Failure, match="refused") as caught:
            download(url, target, timeout=1, pause=0.01)
    assert url in str(caught.value)
    assert server.ranges == []
    assert not target.exists()


def test_a_place_where_nothing_can_be_written_is_a_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / "weights").touch()
    with pytest.raises(Failure, match=str(tmp_path / "weights")):
        fetch(server, tmp_path / "weights" / NAME)
    with pytest.raises(
        Failure, match=r"a file stands where a folder is needed; .* BEAR_TUI_CACHE names another"
    ):
        fetch(server, tmp_path / "weights" / "below" / NAME)
    assert server.ranges == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_of_the_disk(server: Server, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).symlink_to("/dev/full")
    with pytest.raises(Failure, match="the disk is full; free some space"):
        fetch(server, target)
    assert not target.exists()


def test_what_arrived_before_the_silence_is_kept(server: Server, target: Path) -> None:
    server.faults = ["stall"]
    fetch(server, target, timeout=0.2)
    assert_whole(target)
    assert server.ranges == [None, f"bytes={HALF}-"]


def test_trouble_of_the_server_costs_nothing_of_what_arrived(server: Server, target: Path) -> None:
    server.faults = ["cut", "503"]
    fetch(server, target)
    assert_whole(target)
    assert server.ranges == [None, f"bytes={HALF}-", f"bytes={HALF}-"]


@pytest.mark.parametrize("status", ["408", "429"])
def test_a_server_that_asks_to_come_back_later_is_asked_again(
    server: Server, target: Path, status: str
) -> None:
    server.faults = [status]
    fetch(server, target)
    assert_whole(target)


def test_a_length_that_is_no_number_is_passed_over(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = _Handler.send_header

    def bad(self: object, name: str, value: str) -> None:
        send(self, name, "many" if name == "Content-Length" else value)  # type: ignore[arg-type]

    monkeypatch.setattr(_Handler, "send_header", bad)
    fetch(server, target)
    assert_whole(target)


@contextmanager
def process(server: Server, target: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that downloads the same, telling what it has and what it waits for."""
    code = (
        "import logging, sys, pathlib; from bear_tui.engine.models.download import download;"
        "logging.basicConfig(stream=sys.stdout, level=logging.INFO);"
        "download(sys.argv[1], pathlib.Path(sys.argv[2]), lambda *now: print(*now, flush=True))"
    )
    command = [sys.executable, "-c", code, server.url, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def until(process: "subprocess.Popen[str]", text: str) -> None:
    """Read what it prints, up to this."""
    assert process.stdout is not None
    assert any(text in line for line in process.stdout), f"it ended without {text}"


def test_of_two_processes_one_downloads_and_the_other_waits_for_it(
    server: Server, target: Path
) -> None:
    server.faults = ["slow"]
    with process(server, target) as first:
        until(first, str(HALF))
        with process(server, target) as second:
            until(second, "another process downloads it")
            server.go_on.set()
            assert (first.wait(20), second.wait(20)) == (0, 0)
    assert server.ranges == [None], "asked once"
    assert_whole(target)


def test_who_waits_goes_on_where_a_killed_process_ended(server: Server, target: Path) -> None:
    server.faults = ["slow"]
    with process(server, target) as first:
        until(first, str(HALF))
        with process(server, target) as second:
            until(second, "another process downloads it")
            first.kill()
            assert second.wait(20) == 0
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert_whole(target)


def test_who_waits_begins_anew_where_the_hash_was_wrong(server: Server, target: Path) -> None:
    server.faults = ["slow other content"]
    with process(server, target) as first:
        until(first, str(HALF))
        with process(server, target) as second:
            until(second, "another process downloads it")
            server.go_on.set()
            assert first.wait(20) == 1
            assert second.wait(20) == 0
    assert server.ranges == [None, None]
    assert_whole(target)
