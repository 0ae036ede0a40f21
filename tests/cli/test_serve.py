"""The app in a browser: the real server, asked over the loopback as a browser asks it."""

import asyncio
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bear_tui.commands.serve import _user
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs
from tests.benchmarks import train_in_app
from tests.engine.conftest import draw_photos

pytestmark = pytest.mark.slow  # together more than half a minute


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """The port, and what was said."""
    port = free_port()
    command = [sys.executable, "-m", "bear_tui", "serve", "--port", str(port)]
    command += ["--runs", str(tmp_path)]
    folder = tmp_path / "exercise"
    folder.mkdir()
    for name in ("random", "json", "textual"):  # neither server nor app runs what lies there
        (folder / f"{name}.py").write_text(f"raise RuntimeError('{name}.py of the folder is run')")
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    )
    assert process.stderr is not None
    said = process.stderr.readline() + process.stderr.readline()
    yield port, said
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0


async def ask(port: int, path: str = "/") -> str:
    """A page, as soon as the server is up."""
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            try:
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    return await answer.text()
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)
    raise TimeoutError("the server did not come up")


@pytest.mark.slow
async def test_a_browser_on_this_machine_sees_the_app_and_its_keys_work(
    served: tuple[int, str],
) -> None:
    port, said = served
    assert f"http://127.0.0.1:{port}" in said
    assert f"ssh -L {port}:127.0.0.1:{port}" in said
    assert f"ws://127.0.0.1:{port}/ws" in await ask(port)
    own = {"Origin": f"http://localhost:{port}"}
    url = f"ws://127.0.0.1:{port}/ws?width=80&height=24"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=own) as browser,
    ):

        async def wait_for(text: bytes) -> None:
            seen = b""
            while text not in seen:
                seen += await browser.receive_bytes(timeout=60)

        await wait_for(b"start from")
        await browser.send_json(["stdin", "5"])
        await wait_for(b"No runs yet")


@pytest.mark.slow
async def test_another_page_and_another_machine_are_refused(served: tuple[int, str]) -> None:
    port, _ = served
    await ask(port)
    for headers in ({"Origin": "http://evil.example"}, {}):
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"ws://127.0.0.1:{port}/ws", headers=headers)
            assert refused.value.status == 403
    listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").is_file() else ""
    assert f"00000000:{port:04X}" not in listening, "only the loopback"


def test_without_the_extra_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "textual_serve.py").write_text("raise ImportError")
    answer = subprocess.run(
        [sys.executable, "-m", "bear_tui", "serve"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"},
    )
    assert answer.returncode == 2
    assert "pip install textual-serve" in answer.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = subprocess.run(
            [sys.executable, "-m", "bear_tui", "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 2
    assert f"--port {port}" in answer.stderr
    assert "choose another" in answer.stderr


@pytest.fixture
def training(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """The server of an app that trains at once, its port, the folder of runs."""
    for split, count in (("train", 24), ("test", 6)):
        draw_photos(tmp_path / "photos" / split / "red", count, (190, 70, 70), count)
        draw_photos(tmp_path / "photos" / split / "green", count, (70, 190, 70), count + 1)
    recipe = default_recipe(str(tmp_path / "photos"), "mlp", image_size=8)
    recipe = replace(recipe, epochs=100_000, batch_size=8, device="cpu", scheduler="none")
    file, runs, port = tmp_path / "recipe.toml", tmp_path / "runs", free_port()
    file.write_text(to_toml(recipe))
    app = shlex.join([sys.executable, train_in_app.__file__, str(file), str(runs)])
    serve = f"from bear_tui.commands.web import serve_app; serve_app({app!r}, '127.0.0.1', {port})"
    # As a shell starts it: ctrl+c there reaches the server and its apps.
    server = subprocess.Popen([sys.executable, "-c", serve], start_new_session=True)
    yield server, port, runs
    server.kill()
    server.wait()
    for folder in all_runs(runs):
        if folder.being_trained():
            os.kill(int(folder.trainer().process), signal.SIGKILL)


async def until(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.05)


async def open_page_and_close_it_by(close: Callable[[], object] | None, port: int) -> None:
    """A page that shows a training, which then goes away."""
    await ask(port)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"ws://127.0.0.1:{port}/ws?width=80&height=24",
            headers={"Origin": f"http://localhost:{port}"},
        ) as browser,
    ):
        seen = b""
        while b"moved" not in seen:  # an epoch is done
            seen += await browser.receive_bytes(timeout=60)
        if close is not None:
            close()


def gets_on(folder: RunFolder) -> Callable[[], bool]:
    before = folder.state().epochs_done
    return lambda: folder.state().epochs_done > before + 5


@pytest.mark.slow
async def test_a_training_goes_on_when_its_page_is_closed_until_ctrl_c_saves_it(
    training: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    server, port, runs = training
    await open_page_and_close_it_by(None, port)
    (folder,) = all_runs(runs)
    await until(gets_on(folder))
    os.killpg(server.pid, signal.SIGINT)
    await until(lambda: not folder.being_trained())
    assert folder.state().status == "stopped"
    assert folder.state().checkpoint is not None
    await until(lambda: server.poll() == 0)


@pytest.mark.slow
async def test_a_training_goes_on_when_the_server_dies_under_its_page(
    training: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    server, port, runs = training
    await open_page_and_close_it_by(server.kill, port)
    (folder,) = all_runs(runs)
    await until(gets_on(folder))


URL = re.compile(r"(?:href|src|url|action|import)\s*[=(]?\s*[\"']?((?:https?:|wss?:)?//[^\"' )>]+)")


async def test_the_page_loads_nothing_from_another_host(served: tuple[int, str]) -> None:
    port, _ = served
    page = await ask(port)
    own = {f"127.0.0.1:{port}", f"localhost:{port}"}
    asked = {urlsplit(url).netloc for url in URL.findall(page)}
    assert asked <= own, asked
    sockets = re.findall(r"wss?://([^/\"]+)", page)
    assert sockets
    assert set(sockets) <= own
    assert "/static/css/xterm.css" in page
    (font,) = re.findall(r"url\(\"(/static/fonts/[^\"]+)\"\)", page)
    async with aiohttp.ClientSession() as session:
        for path, kind in ((font, ""), ("/", "html"), ("/static/js/textual.js", "javascript")):
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert answer.status == 200
                assert kind in answer.content_type
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src" in policy
                hosts = {urlsplit(word).netloc for word in re.findall(r"\w+://[^ ;]+", policy)}
                assert hosts == own
                assert "*" not in policy


async def test_more_pages_than_a_machine_holds_get_a_sentence(tmp_path: Path) -> None:
    """With an app that ends at the first byte, which is what a closed page sends."""
    port = free_port()
    serve = (
        "from bear_tui.commands.web import serve_app; "
        f"serve_app('head -c 1', '127.0.0.1', {port}, pages=2)"
    )
    server = subprocess.Popen([sys.executable, "-c", serve], cwd=tmp_path)
    url = f"ws://127.0.0.1:{port}/ws"
    own = {"Origin": f"http://127.0.0.1:{port}"}
    try:
        await ask(port)
        async with aiohttp.ClientSession() as session:
            first = await session.ws_connect(url, headers=own)
            second = await session.ws_connect(url, headers=own)
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(url, headers=own)
            assert refused.value.status == 503
            assert "2 apps are open already" in await ask(port)
            await first.close()
            end = time.monotonic() + 20
            while "2 apps are open" in await ask(port):
                assert time.monotonic() < end, "a page that is closed makes room"
                await asyncio.sleep(0.1)
            third = await session.ws_connect(url, headers=own)
            await third.close()
            await second.close()
    finally:
        server.terminate()
        server.wait(20)


def test_a_user_without_a_name_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as a number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert _user() == "USER"
