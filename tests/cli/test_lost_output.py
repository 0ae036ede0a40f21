"""Output that goes nowhere: a training goes on, and what only prints ends as always."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.engine.training.run_log import log_to
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.folder import RunFolder
from bear_tui.run.runs import all_runs
from tests.engine.conftest import draw_photos
from tests.unit.sample_runs import predictions, sample_run

BEAR_TUI = f"{sys.executable} -m bear_tui"
TRAIN = ("--model", "mlp", "--image-size", "8", "--batch-size", "8", "--device", "cpu")
ENDLESS = ("--epochs", "100000", "--scheduler", "none")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of them is cut short, which a training says."""
    root = tmp_path_factory.mktemp("lost") / "photos"
    for split, count in (("train", 12), ("test", 4)):
        draw_photos(root / split / "red", count, (190, 70, 70), count)
        draw_photos(root / split / "green", count, (70, 190, 70), count + 1)
    damaged = root / "train" / "red" / "000.png"
    damaged.write_bytes(damaged.read_bytes()[:200])
    return root


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60
    )


def wait_until(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def begun(runs: Path) -> RunFolder:
    """The run, once it has learned for an epoch."""
    wait_until(lambda: bool(all_runs(runs)) and all_runs(runs)[0].state().epochs_done > 0)
    return all_runs(runs)[0]


@pytest.mark.slow
@pytest.mark.parametrize("lost", [">/dev/full", "2>/dev/full", ">&- 2>&- <&-", "2>&1 | head -1"])
def test_a_training_that_nobody_hears_completes(lost: str, photos: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    options = " ".join((*TRAIN, "--epochs", "3"))
    command = f"{BEAR_TUI} train --data {photos} {options} --runs {runs} {lost}"
    answer = shell(f"{command}; exit ${{PIPESTATUS[0]}}")
    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    (run,) = all_runs(runs)
    assert (run.state().status, run.state().epochs_done) == ("completed", 3)
    assert "000.png" in run.log_file.read_text(), "what was said is in the log all the same"
    files = [path for path in run.path.glob("*.*") if path != run.log_file]
    written = b"".join(path.read_bytes() for path in files)
    assert b"left out" not in written, "nothing that was printed went into a file of the run"


@pytest.mark.slow
def test_ctrl_c_that_ends_the_reader_as_well_saves_the_training(
    photos: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    command = [*BEAR_TUI.split(), "train", "--data", str(photos), *TRAIN, *ENDLESS]
    command += ["--runs", str(runs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as trainer:
        run = begun(runs)
        assert trainer.stdout is not None
        trainer.stdout.close()  # as `2>&1 | tee log` does
        trainer.send_signal(signal.SIGINT)
        assert trainer.wait(30) == 3
    state = run.state()
    assert (state.status, state.message) == ("stopped", "interrupted")
    assert (run.checkpoints / "last.pt").is_file()


@pytest.mark.slow
def test_a_reader_that_reads_nothing_keeps_no_training_from_saving(
    photos: Path, tmp_path: Path
) -> None:
    runs, (ours, its) = tmp_path / "runs", os.pipe()
    os.set_blocking(its, False)
    with suppress(BlockingIOError):
        while True:
            os.write(its, bytes(4096))
    os.set_blocking(its, True)
    command = [*BEAR_TUI.split(), "train", "--data", str(photos), *TRAIN, *ENDLESS]
    command += ["--runs", str(runs)]
    with subprocess.Popen(command, stdout=its, stderr=its) as trainer:
        try:
            wait_until(lambda: any(one.log_file.is_file() for one in all_runs(runs)))
            time.sleep(0.5)  # it waits for its first line to be taken
            trainer.send_signal(signal.SIGINT)
            assert trainer.wait(30) == 3
        finally:
            trainer.kill()
    os.close(ours)
    os.close(its)
    assert all_runs(runs)[0].state().status == "stopped"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("little") / "runs"
    for name in ("one", "two"):
        sample_run(folder / name, predictions(5, 1) + predictions(4, 2, "other"))
    return folder


@pytest.mark.parametrize(
    "lost", ["| true", ">/dev/full", ">/dev/full 2>&1", ">&-", "2>&-", ">&- 2>&- <&-"]
)
def test_a_command_that_only_prints_ends_as_always(lost: str, runs: Path, photos: Path) -> None:
    commands = {
        f"runs --runs {runs}": 0,
        f"show one --runs {runs} --json": 0,
        f"compare one two --runs {runs}": 0,
        f"check {photos}": 0,
        "models": 0,
        "train --help": 0,
        "--version": 0,
        f"show three --runs {runs}": 2,
    }
    lines = [f"{BEAR_TUI} {command} {lost}; echo ${{PIPESTATUS[0]}} >&9" for command in commands]
    answer = shell(f"exec 9>&1; {{ {'; '.join(lines)}; }} >/dev/null")
    assert [int(word) for word in answer.stdout.split()] == list(commands.values())
    words = [line for line in answer.stderr.splitlines() if "three: no such run" not in line]
    assert not [line for line in words if "rror" in line or "Traceback" in line], answer.stderr


@pytest.mark.slow
def test_a_background_training_that_cannot_print_completes_and_predict_ends_with_its_reader(
    photos: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    basis = default_recipe(str(photos), "mlp", image_size=8)
    RunFolder(runs / "one").create(replace(basis, epochs=2, batch_size=8, device="cpu"))
    # As the app starts it, but for the log.
    line = f"{BEAR_TUI} resume {runs}/one --then-queue </dev/null >/dev/full 2>&1"
    assert shell(line).returncode == 0
    assert RunFolder(runs / "one").state().status == "completed"
    photo = next((photos / "test" / "red").iterdir())
    line = f"yes {photo} | {BEAR_TUI} predict last - --runs {runs} | head -1"
    answer = shell(f"{line}; exit ${{PIPESTATUS[1]}}")  # photos without an end
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.split()[0] in ("red", "green")


def test_a_log_on_a_full_disk_is_left_out_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = RunFolder(tmp_path)
    log = logging.getLogger("bear_tui")
    with Path("/dev/full").open("w") as full, log_to(folder):
        handler = log.handlers[-1]
        assert isinstance(handler, logging.FileHandler)
        handler.setStream(full)
        log.warning("one")
    assert capsys.readouterr() == ("", "")
