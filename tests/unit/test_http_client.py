"""The HTTP client against real servers on loopback: cut off, by TLS, through proxies, kept open."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bear_tui.http_client import Client, ConnectionFailed, HttpError

CONTENT = b"bear" * 1000


class Server(ThreadingHTTPServer):
    """Answers with CONTENT, or as `answer` does; a proxy too. Notes what it was asked."""

    daemon_threads = True

    def __init__(self, family: socket.AddressFamily = socket.AF_INET) -> None:
        self.address_family = family
        super().__init__(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), Handler)
        self.connections = 0
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[Handler], None] = whole
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str = "/a", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(("GET", self.path))
        self.server.headers.append({k.lower(): v for k, v in self.headers.items()})
        self.server.answer(self)

    def do_CONNECT(self) -> None:
        self.server.asked.append(("CONNECT", self.path))
        self.server.headers.append({k.lower(): v for k, v in self.headers.items()})
        self.close_connection = True
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pump, args=(there, self.connection), daemon=True)
            back.start()
            pump(self.connection, there)
            back.join(5)

    def log_message(self, *_: object) -> None:
        pass


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def whole(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT)


def half(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[:100])
    handler.wfile.flush()
    handler.server.over.wait(10)


def silent(handler: Handler) -> None:
    handler.server.over.wait(10)


def redirect(place: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", place)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as made:
        yield made


@pytest.fixture
def proxy() -> Iterator[Server]:
    with serving(Server()) as made:
        yield made


@pytest.fixture
def client() -> Iterator[Client]:
    with contextlib.closing(Client(silence=5, connections=2)) as made:
        yield made


def content(client: Client, url: str) -> bytes:
    with client.get(url) as response:
        return b"".join(response.chunks())


def seconds_until_cut(client: Client, url: str, ready: Callable[[], bool]) -> float:
    """How long a request lasts after another thread has cut it."""
    failures: list[HttpError] = []

    def ask() -> None:
        try:
            content(client, url)
        except HttpError as error:
            failures.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    until = time.monotonic() + 5
    while not ready():
        assert time.monotonic() < until, "it never got there"
        time.sleep(0.01)
    time.sleep(0.1)
    began = time.monotonic()
    client.cut()
    thread.join(4)
    took = time.monotonic() - began
    assert failures, "it is still waiting"
    assert isinstance(failures[0], HttpError)
    return took


@pytest.mark.parametrize("answer", [silent, half])
def test_a_cut_ends_a_request_to_a_server_that_stays_silent(
    client: Client, server: Server, answer: Callable[[Handler], None]
) -> None:
    server.answer = answer
    assert seconds_until_cut(client, server.url(), lambda: bool(server.asked)) < 0.3


def test_a_cut_ends_a_greeting_that_is_not_answered(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        accepted: list[socket.socket] = []
        thread = threading.Thread(target=lambda: accepted.append(listening.accept()[0]))
        thread.start()
        assert seconds_until_cut(client, url, lambda: bool(accepted)) < 0.3
        thread.join()
        accepted[0].close()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux ends a connect so")
def test_a_cut_ends_a_connect_that_is_not_answered(client: Client) -> None:
    with socket.socket() as listening, contextlib.ExitStack() as stack:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        for _ in range(4):  # whoever comes after these is not answered
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        assert seconds_until_cut(client, f"http://127.0.0.1:{port}/", lambda: True) < 0.3


def test_after_a_cut_nothing_is_asked(client: Client, server: Server) -> None:
    client.cut()
    with pytest.raises(ConnectionFailed):
        content(client, server.url())
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        client.retry(lambda: print(content(client, server.url())), attempts=5, pause=60)
    assert time.monotonic() - began < 0.3
    assert server.asked == []


def test_one_connection_serves_many_files_in_turn(client: Client, server: Server) -> None:
    for number in range(20):
        assert content(client, server.url(f"/{number}")) == CONTENT
    assert len(server.asked) == 20
    assert server.connections == 1


def test_an_answer_that_is_left_halfway_spoils_no_other(client: Client, server: Server) -> None:
    with client.get(server.url()) as response:
        next(response.chunks())
    assert content(client, server.url()) == CONTENT


def test_what_was_sent_before_a_break_arrives(server: Server) -> None:
    server.answer = half
    with contextlib.closing(Client(silence=0.2)) as client, client.get(server.url()) as response:
        assert response.length == len(CONTENT)
        chunks = response.chunks()
        assert next(chunks) == CONTENT[:100]
        with pytest.raises(ConnectionFailed, match="timed out"):
            next(chunks)


def test_attempts_end_with_the_last_error_or_a_final_one(client: Client) -> None:
    asked: list[int] = []

    def fail(final: bool) -> None:
        asked.append(1)
        raise HttpError(f"number {len(asked)}", final=final)

    with pytest.raises(HttpError, match="number 3"):
        client.retry(lambda: fail(False), attempts=3, pause=0)
    with pytest.raises(HttpError, match="number 4"):
        client.retry(lambda: fail(True), attempts=3, pause=0)


def test_a_server_by_ipv6(client: Client) -> None:
    try:
        made = Server(socket.AF_INET6)
    except OSError:
        pytest.skip("this computer has no IPv6")
    with serving(made):
        assert content(client, made.url(host="[::1]")) == CONTENT


def test_a_name_is_looked_up_once_so_that_a_second_answer_leads_nowhere(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when a redirect is checked, this computer when it is followed."""
    known, answers = socket.getaddrinfo, iter(["1.2.3.4", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def resolve(host: str, port: int | None, *more: Any) -> Any:
        if host == "photos.example.com":
            asked.append(host)
            host = next(answers)
        return known(host, port, *more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    server.answer = redirect(server.url("/secret", host="photos.example.com"))
    with contextlib.closing(Client(silence=0.2)) as client, pytest.raises(ConnectionFailed):
        content(client, server.url())
    assert [path for _, path in server.asked] == ["/a"]
    assert len(asked) == 1


def test_a_connection_that_a_person_opened_serves_no_redirect(
    client: Client, server: Server, proxy: Server
) -> None:
    """A web server leads to a private one that the same client has asked before."""
    outside, inside = server, proxy
    assert content(client, inside.url("/mine")) == CONTENT
    outside.answer = redirect(inside.url("/secret"))
    with pytest.raises(HttpError, match="inside a private network"):
        content(client, outside.url())
    assert [path for _, path in inside.asked] == ["/mine"]


def test_http_goes_through_the_proxy_of_the_environment(
    client: Client, server: Server, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
    assert content(client, server.url("/far")) == CONTENT
    assert proxy.asked == [("GET", server.url("/far"))]
    assert proxy.headers[0]["proxy-authorization"] == f"Basic {b64encode(b'me:p@ss').decode()}"
    assert server.asked == []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert content(client, server.url("/near")) == CONTENT
    assert server.asked == [("GET", "/near")]
    assert len(proxy.asked) == 1


def test_a_proxy_without_a_scheme_is_one_of_http(
    client: Client, server: Server, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
    assert content(client, server.url()) == CONTENT
    assert len(proxy.asked) == 1


def test_no_redirect_leads_inside_by_way_of_a_proxy(
    client: Client, server: Server, proxy: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    proxy.answer = redirect("http://10.0.0.1/secret")
    with pytest.raises(HttpError, match="inside a private network"):
        content(client, server.url())
    assert len(proxy.asked) == 1


def test_a_proxy_that_is_not_there_is_said(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(ConnectionFailed, match="refused"):
            content(client, server.url())
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(ConnectionFailed, match="socks5"):
        content(client, server.url())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl, to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    key, made = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command.split(), "-keyout", str(key), "-out", str(made), *names],
        check=True,
        capture_output=True,
    )
    return made, key


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[Server]:
    made = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    with serving(made):
        yield made


def test_https_is_asked_of_a_server_that_the_system_trusts(
    secure: Server, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        contextlib.closing(Client(silence=5)) as client,
        pytest.raises(ConnectionFailed, match="certificate verify failed"),
    ):
        content(client, secure.url(host="localhost", scheme="https"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with contextlib.closing(Client(silence=5)) as client:
        for _ in range(3):
            assert content(client, secure.url(host="localhost", scheme="https")) == CONTENT
        with pytest.raises(ConnectionFailed, match="certificate verify failed"):
            content(client, secure.url(scheme="https"))
    assert secure.connections == 3, "kept open where it is trusted"


@pytest.mark.parametrize("answer", [silent, half])
def test_a_cut_ends_a_request_by_https(
    secure: Server,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[Handler], None],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    secure.answer = answer
    with contextlib.closing(Client(silence=5)) as client:
        url = secure.url(host="localhost", scheme="https")
        assert seconds_until_cut(client, url, lambda: bool(secure.asked)) < 0.3


def test_https_goes_through_a_tunnel_of_the_proxy(
    secure: Server,
    proxy: Server,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    with contextlib.closing(Client(silence=5)) as client:
        assert content(client, secure.url(host="localhost", scheme="https")) == CONTENT
    assert proxy.asked == [("CONNECT", f"localhost:{secure.port}")]
    assert [path for _, path in secure.asked] == ["/a"]
