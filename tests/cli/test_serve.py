"""The app in a browser: the real server, asked over the loopback as a browser asks it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest


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
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
    assert "pip install '.[serve]'" in answer.stderr


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
