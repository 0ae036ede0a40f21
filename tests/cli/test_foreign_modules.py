"""Modules in the person's folder, called as some of Python's own: none of them is ever run."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui import itself
from bear_tui.recipe_defaults import default_recipe
from bear_tui.recipe_file import to_toml
from bear_tui.run.runs import all_runs
from tests.benchmarks import train_in_app
from tests.benchmarks.terminal import Terminal, terminal
from tests.engine.conftest import draw_photos

NAMES = ("random", "tempfile", "json", "glob", "torch", "numpy", "PIL", "textual", "platformdirs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as of an exercise; each module in it says so when it is run, and breaks."""
    folder = tmp_path / "exercise"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text(
            f"open({str(tmp_path / 'ran')!r}, 'a').write('{name}')\nraise RuntimeError('{name}')\n"
        )
    return folder


def read_until(held: Terminal, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen: {held.painted[-500:]!r}"
        held.read(0.05)


@pytest.mark.parametrize("arguments", [["runs", "--runs", "here"], ["models"], ["check", "."]])
@pytest.mark.parametrize("how", ["python -m", "another process"])
def test_a_command_runs_no_module_of_the_folder_it_is_started_in(
    tmp_path: Path, folder: Path, how: str, arguments: list[str]
) -> None:
    start = [sys.executable, "-m", "bear_tui"] if how == "python -m" else itself.command()
    answer = subprocess.run(
        [*start, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert not (tmp_path / "ran").exists(), answer.stderr
    assert answer.returncode in (0, 2)
    assert "Traceback" not in answer.stderr


def test_a_checkout_that_is_not_installed_starts_others_of_itself(tmp_path: Path) -> None:
    """By a Python that knows bear-tui from the folder alone in which it was started."""
    (tmp_path / "bear_tui").symlink_to(Path(itself.__file__).parent)
    tell = "import subprocess, sys; from bear_tui import itself; "
    start = "sys.exit(subprocess.run(itself.command('--version')).returncode)"
    packages = Path(pytest.__file__).parents[1]
    answer = subprocess.run(
        [sys.executable, "-S", "-c", tell + start],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("bear-tui ")


@pytest.mark.slow
def test_a_training_is_handed_over_in_a_folder_of_such_modules(
    tmp_path: Path, folder: Path
) -> None:
    for split, count in (("train", 16), ("test", 4)):
        draw_photos(tmp_path / "photos" / split / "red", count, (190, 70, 70), count)
        draw_photos(tmp_path / "photos" / split / "green", count, (70, 190, 70), count + 1)
    recipe = default_recipe(str(tmp_path / "photos"), "mlp", image_size=8)
    recipe = replace(recipe, epochs=100_000, batch_size=8, device="cpu", scheduler="none")
    file, runs = tmp_path / "recipe.toml", tmp_path / "runs"
    file.write_text(to_toml(recipe))
    in_folder = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder), sys.executable]
    with terminal([*in_folder, train_in_app.__file__, str(file), str(runs)]) as held:
        read_until(held, lambda: bool(all_runs(runs)) and all_runs(runs)[0].state().epochs_done > 1)
        (run,) = all_runs(runs)
        held.type("d")
        read_until(held, lambda: run.trainer().process != str(held.pid))
        before = run.state().epochs_done
        read_until(held, lambda: run.state().epochs_done > before + 2)
        held.type("q")
        assert held.wait_for_end(20) == 0
    assert not (tmp_path / "ran").exists()
    assert run.being_trained()
    stop = itself.command("stop", str(run.path))
    assert subprocess.run(stop, capture_output=True, check=False).returncode == 0
    assert run.state().status == "stopped"
