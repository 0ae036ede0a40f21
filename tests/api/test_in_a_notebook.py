"""What a notebook needs: no signal handlers, threads, a running loop, interrupts that save."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import bear_tui
from bear_tui.api.settings import Settings
from bear_tui.run.control import Control
from bear_tui.run.events import EpochCompleted, Event
from tests.api.conftest import QUICK

CELL = """
import asyncio, signal, sys
import bear_tui

# As a kernel has it; whoever started the tests may ignore the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
handlers = [signal.getsignal(number) for number in signal.valid_signals()]

def tell(event):
    assert [signal.getsignal(number) for number in signal.valid_signals()] == handlers
    print(type(event).__name__, flush=True)

async def cell():
    try:
        bear_tui.train(sys.argv[1], model="mlp", image_size=8, epochs=100_000, batch_size=8,
                       device="cpu", runs=sys.argv[2], on_event=tell)
    except KeyboardInterrupt as interrupt:
        print("INTERRUPTED", interrupt, flush=True)
    assert [signal.getsignal(number) for number in signal.valid_signals()] == handlers

# As a kernel runs a cell: in the main thread, inside a loop, with Python's own handler.
loop = asyncio.new_event_loop()
loop.run_until_complete(cell())
print("THE KERNEL LIVES", flush=True)
"""


def cell(photos: Path, runs: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CELL, str(photos), str(runs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines_until(kernel: "subprocess.Popen[str]", event: str) -> None:
    assert kernel.stdout is not None
    for line in kernel.stdout:
        if line.strip() == event:
            return
    raise AssertionError(kernel.stderr.read() if kernel.stderr else "")


def test_an_interrupt_of_the_kernel_saves_and_the_run_can_be_resumed(
    photos: Path, tmp_path: Path
) -> None:
    with cell(photos, tmp_path) as kernel:
        lines_until(kernel, "EpochCompleted")
        lines_until(kernel, "StepCompleted")
        kernel.send_signal(signal.SIGINT)
        out, errors = kernel.communicate(timeout=60)
    assert kernel.returncode == 0, errors
    assert "THE KERNEL LIVES" in out
    run = bear_tui.open_run(runs=tmp_path)
    state = run.state
    assert (state.status, state.message) == ("stopped", "interrupted")
    assert f"INTERRUPTED {run.id}: stopped after {state.epochs_done} of 100,000 epochs" in out
    assert f"bear_tui.open_run('{run.path}').resume() continues" in out
    assert errors == ""

    def stop(event: Event) -> None:
        if isinstance(event, EpochCompleted):
            run.stop()

    before = state.epochs_done
    assert run.resume(on_event=stop).state.epochs_done > before


def test_an_interrupt_before_the_training_began_changes_nothing(
    photos: Path, tmp_path: Path
) -> None:
    with cell(photos, tmp_path / "runs") as kernel:
        time.sleep(1.5)  # it loads torch
        kernel.send_signal(signal.SIGINT)
        out, errors = kernel.communicate(timeout=60)
    if "INTERRUPTED" not in out:
        pytest.skip("the signal came before the call")
    assert "RunStarted" in out or "stopped before the training began" in out
    assert kernel.returncode == 0, errors


def test_a_training_in_a_thread_leaves_the_loop_running_and_calls_back_in_that_thread(
    photos: Path, tmp_path: Path
) -> None:
    callers: set[int] = set()

    def train() -> tuple[int, bear_tui.Run]:
        def tell(_event: Event) -> None:
            callers.add(threading.get_ident())

        return threading.get_ident(), bear_tui.train(photos, runs=tmp_path, on_event=tell, **QUICK)

    async def main() -> tuple[int, int, bear_tui.Run]:
        training = asyncio.create_task(asyncio.to_thread(train))
        ticks = 0
        while not training.done():
            await asyncio.sleep(0.001)
            ticks += 1
        return ticks, *await training

    ticks, thread, run = asyncio.run(main())
    assert run.status == "completed"
    assert ticks > 1
    assert callers == {thread}


def test_a_second_interrupt_does_not_wait_for_the_step(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_ends, saved = threading.Event(), threading.Event()
    process, main = os.getpid(), threading.main_thread()
    assert threading.current_thread() is main
    obey = Control.obey

    def long_step(control: Control) -> str:
        if control.stopping:
            os.kill(process, signal.SIGINT)  # once more, while the first one is waited for
            assert step_ends.wait(60)
            saved.set()
        return obey(control)

    def interrupt(_event: Event) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Control, "obey", long_step)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        settings: Settings = {**QUICK, "epochs": 1000}
        with pytest.raises(KeyboardInterrupt, match="finishes its step, saves and ends"):
            bear_tui.train(photos, runs=tmp_path, on_event=interrupt, **settings)
        assert not saved.is_set()
    finally:
        step_ends.set()
        signal.signal(signal.SIGINT, before)
    (training,) = [thread for thread in threading.enumerate() if thread.name == "training"]
    training.join(60)
    run = bear_tui.open_run(runs=tmp_path)
    assert (run.status, run.state.message) == ("stopped", "interrupted")


async def test_a_training_inside_a_running_loop(photos: Path, tmp_path: Path) -> None:
    assert bear_tui.train(photos, runs=tmp_path, **QUICK).status == "completed"
