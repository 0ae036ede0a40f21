import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bear_tui import paths


@pytest.mark.parametrize(
    ("folder", "variable", "below"),
    [
        (paths.runs_folder, "XDG_DATA_HOME", "bear-tui/runs"),
        (paths.sample_folder, "XDG_CACHE_HOME", "bear-tui/sample"),
        (paths.weights_folder, "XDG_CACHE_HOME", "bear-tui/weights"),
        (paths.settings_file, "XDG_CONFIG_HOME", "bear-tui/settings.json"),
    ],
)
def test_folders_follow_the_users_own_choice(
    folder: Callable[[], Path], variable: str, below: str
) -> None:
    assert folder() == Path(os.environ[variable]) / below
    assert not folder().exists(), "asking for a folder makes none"


def test_a_path_is_made_absolute_from_where_the_person_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.absolute("photos") == tmp_path / "photos"
    assert paths.absolute("./photos/") == tmp_path / "photos"
    assert paths.absolute("../photos") == tmp_path.parent / "photos"
    assert paths.absolute("/data/bears") == Path("/data/bears")


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert paths.absolute("~/photos") == Path("/home/ada/photos")
    assert paths.absolute("photos/~") == Path.cwd() / "photos" / "~"


def test_a_linked_folder_keeps_the_name_the_person_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk7").mkdir()
    (tmp_path / "photos").symlink_to(tmp_path / "disk7")
    monkeypatch.chdir(tmp_path)
    assert paths.absolute("photos") == tmp_path / "photos"
    # `..` is the parent of where the link leads, as for the operating system.
    assert paths.absolute("photos/..") == tmp_path


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/me", "~"),
        ("/home/me/photos", "~/photos"),
        ("/home/mexico/photos", "/home/mexico/photos"),
        ("/data/home/me", "/data/home/me"),
    ],
)
def test_the_home_folder_is_written_short(
    monkeypatch: pytest.MonkeyPatch, path: str, shown: str
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert paths.short(path) == shown
    assert paths.absolute(shown) == Path(path)
