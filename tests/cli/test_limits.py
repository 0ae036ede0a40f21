"""`ulimit` set too low: a sentence, in real processes."""

import os
import resource
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from bear_tui import limits
from tests.unit.data.photo_files import write_classes

MB = 1024 * 1024


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classes(tmp_path_factory.mktemp("limits") / "photos", {"bear": 8, "cat": 8})


def little_memory(megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MB, megabytes * MB))


def commands(photos: Path, runs: Path) -> list[list[str]]:
    options = ["--model=mlp", "--image-size=8", "--epochs=1", "--device=cpu"]
    return [
        ["check", str(photos)],
        ["layers", "mlp"],
        ["train", "--data", str(photos), *options, "--runs", str(runs)],
    ]


def told(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 1, answer.stderr
    (line,) = answer.stderr.splitlines()
    assert line.startswith("bear-tui: ")
    return line


@pytest.mark.parametrize("megabytes", [120, 300, 1000])
def test_too_little_memory_is_a_sentence_that_names_the_limit(
    megabytes: int, photos: Path, tmp_path: Path
) -> None:
    for command in commands(photos, tmp_path / "runs"):
        if megabytes == 1000 and command[0] == "check":
            continue  # enough for it
        answer = subprocess.run(
            [sys.executable, "-m", "bear_tui", *command],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=partial(little_memory, megabytes),
        )
        if command[0] != "check" and megabytes == 1000 and answer.returncode == 0:
            continue  # a torch without CUDA
        assert f"`ulimit -v` allows {megabytes * MB / 1e6:,.0f} MB" in told(answer)
    assert not (tmp_path / "runs").exists()


def as_a_new_user() -> list[str]:
    """What stands before a command, so that it runs as a user who has no other process.

    Root is not limited.
    """
    if os.geteuid() != 0 or shutil.which("setpriv") is None or sys.platform != "linux":
        pytest.skip("only root can become a user without other processes")
    rights = "+dac_override,+dac_read_search"
    known = ["--reuid", "54321", "--clear-groups"]
    return ["setpriv", *known, "--inh-caps", rights, "--ambient-caps", rights]


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_too_few_processes_are_a_sentence_that_names_the_limit(
    processes: int, photos: Path, tmp_path: Path
) -> None:
    for command in commands(photos, tmp_path / "runs"):
        limited = [*as_a_new_user(), "prlimit", f"--nproc={processes}", sys.executable]
        answer = subprocess.run(
            [*limited, "-m", "bear_tui", *command], capture_output=True, text=True, check=False
        )
        assert f"`ulimit -u` allows {processes}" in told(answer)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory ran out"),
        (RuntimeError("can't start new thread"), "no more threads"),
        (BlockingIOError(11, "Resource temporarily unavailable"), "no more threads"),
        (OSError(12, "Cannot allocate memory", "/lib"), "memory ran out"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: 8 bytes"), "memory ran out"),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), ""),
        (OSError(2, "No such file"), ""),
    ],
)
def test_only_refusals_of_the_computer_have_a_sentence(error: Exception, words: str) -> None:
    found = limits.sentence(error)
    assert words in found
    assert bool(words) == bool(found)


def test_what_no_one_foresaw_is_a_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path,
) -> None:
    program = (
        "import sys; from bear_tui import cli; from bear_tui.commands import models;"
        "models.models = lambda _: {}['\\x1b[31m']; sys.exit(cli.main(['models']))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    )
    line = told(answer)
    assert "KeyError" in line
    assert "\x1b" not in line
    assert "Traceback" in (tmp_path / "bear-tui" / "app.log").read_text()
