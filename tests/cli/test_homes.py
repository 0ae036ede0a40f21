"""A home folder of somebody else, none, or a deleted working folder: what is optional is passed
over, what is needed is asked for in a sentence."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bear_tui
from bear_tui import files, paths
from tests.permissions import as_anyone, forbidden
from tests.unit.data.photo_files import write_classes
from tests.unit.sample_runs import predictions, sample_run

TRAIN = ("--model", "mlp", "--image-size", "8", "--epochs", "1", "--device", "cpu")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_classes(tmp_path / "photos", {"bear": 12, "cat": 12})


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Of somebody else."""
    folder = tmp_path / "home"
    folder.mkdir()
    with forbidden(folder):
        yield folder


def run(
    *arguments: object, home: str | Path | None, cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    kept = ("PATH", "LD_LIBRARY_PATH", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"PYTHONPATH": str(Path(bear_tui.__file__).parents[1])} | more
    if home is not None:
        environment["HOME"] = str(home)
    command = [*as_anyone(), sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_what_is_needed_is_asked_for_before_anything_is_loaded(home: Path, photos: Path) -> None:
    for arguments in (
        ("runs",),
        ("show", "last"),
        ("train", "--data", photos, *TRAIN),
        ("train", "--sample", "--epochs", 1),
    ):
        done = run(*arguments, home=home)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("bear-tui: ")
        assert done.stderr.count("\n") == 1, done.stderr
        assert re.search("`--runs DIR`|BEAR_TUI_CACHE", done.stderr), done.stderr
    assert "torch" not in done.stderr


def test_what_is_optional_is_passed_over(home: Path, photos: Path, tmp_path: Path) -> None:
    assert run("models", home=home).returncode == 0
    trained = run("train", "--data", photos, *TRAIN, "--runs", tmp_path / "runs", home=home)
    assert trained.returncode == 0, trained.stderr
    shown = run("show", "last", "--runs", tmp_path / "runs", home=home)
    assert shown.returncode == 0, shown.stderr
    weights = ("--model", "resnet18", "--weights", "none", "--image-size", "32")
    layers = run("layers", *weights[1:2], "--image-size", "64", home=home)
    assert layers.returncode == 0, layers.stderr


def test_the_environment_names_the_folders_of_runs_and_of_the_cache(
    home: Path, tmp_path: Path
) -> None:
    sample_run(tmp_path / "mine" / "one-1a", predictions(3, 1))
    listed = run("runs", "--json", home=home, BEAR_TUI_RUNS=str(tmp_path / "mine"))
    assert '"one-1a"' in listed.stdout, listed.stderr
    done = run(
        *("train", "--sample", *TRAIN),
        home=home,
        BEAR_TUI_CACHE=str(tmp_path / "cache"),
        BEAR_TUI_RUNS=str(tmp_path / "mine"),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cache" / "sample" / "train").is_dir()
    assert len(list((tmp_path / "mine").glob("sample-*"))) == 1


def test_in_a_folder_that_was_deleted_whole_paths_are_used_and_others_a_sentence(
    tmp_path: Path, photos: Path
) -> None:
    sample_run(tmp_path / "runs" / "one-1a", predictions(3, 1))
    script = 'mkdir gone && cd gone && rmdir "$PWD" && exec "$@"'
    command = ["sh", "-c", script, "sh", sys.executable, "-P", "-m", "bear_tui"]

    def gone(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(Path(bear_tui.__file__).parents[1])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    runs = tmp_path / "runs"
    assert gone("runs", "--runs", runs).returncode == 0
    assert gone("show", "one-1a", "--runs", runs).returncode == 0
    assert gone("check", photos).returncode == 0
    trained = gone("train", "--data", photos, *TRAIN, "--runs", runs)
    assert trained.returncode == 0, trained.stderr
    for arguments in (("check", "photos"), ("train", "--data", "photos", "--runs", runs)):
        done = gone(*arguments)
        assert done.returncode == 2, done.stderr
        assert done.stderr.count("\n") == 1
    assert "the folder that you are in is gone" in done.stderr


def test_a_person_without_a_home_is_treated_as_one_whose_home_is_the_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody(_number: int) -> None:
        raise KeyError

    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    for folder in (paths.runs_folder(), paths.weights_folder(), paths.settings_file()):
        assert folder.is_absolute()
        assert "~" not in str(folder)
    assert paths.torch_weights_folder().is_absolute()
    assert paths.short("/a/b") == "/a/b"


def test_no_code_asks_a_path_what_is_there_in_a_way_that_may_raise() -> None:
    """Path.exists, is_file and is_dir raise PermissionError before Python 3.14."""
    asks = re.compile(r"(?<!entry)(?<!link)\.(exists|is_file|is_dir)\(\)")
    folder = Path(bear_tui.__file__).parent
    found = {
        f"{path.relative_to(folder)}: {line.strip()}"
        for path in folder.rglob("*.py")
        for line in path.read_text().splitlines()
        if asks.search(line)
    }
    assert found == set()


def test_asking_what_is_there_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    with forbidden(tmp_path / "closed"):
        for ask in (files.exists, files.is_file, files.is_folder):
            for path in (tmp_path / "closed" / "x", "\0", "x" * 5000, tmp_path / "none"):
                assert not ask(path)
