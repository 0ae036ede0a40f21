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


class Disk:
    """Paths that exist, in place of a disk's."""

    def __init__(self, *there: str) -> None:
        self._there = there

    def __call__(self, path: str) -> bool:
        return path in self._there


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/data/bears", "/data/bears"),
        ("  /data/bears \n", "/data/bears"),
        ("\r\n/data/bears\r\n", "/data/bears"),
        ("'/data/my bears'", "/data/my bears"),
        ('"/data/my bears"', "/data/my bears"),
        ("'/data/my bears' ", "/data/my bears"),
        (r"/data/my\ bears\ \(old\)", "/data/my bears (old)"),
        (r"/data/it\'s", "/data/it's"),
        (r"'/data/it'\''s'", "/data/it's"),
        ("/data/it's", "/data/it's"),
        ("/data/my bears", "/data/my bears"),
        ("file:///data/my%20bears", "/data/my bears"),
        ("file:///data/my bears", "/data/my bears"),
        ("FILE:///data/b", "/data/b"),
        ("file:/data/b", "/data/b"),
        ("file://localhost/data/b%C3%A4r", "/data/bär"),
        ("file:///data/b%E4r", "/data/b\udce4r"),
        ("file:///data/50%25%20#1?", "/data/50% #1?"),
        ("'file:///data/my%20bears'", "/data/my bears"),
        ("file://nas.example/data/b", "file://nas.example/data/b"),
        ("file:///data/100%", "/data/100%"),
        ("~/my\\ bears", "~/my bears"),
        ("'~/my bears'", "~/my bears"),
        ("my\\ bears", "my bears"),
        ("/data/ends\\", "/data/ends\\"),
        ("/data/a b c", "/data/a b c"),
        ("relative name with spaces", "relative name with spaces"),
    ],
)
def test_a_path_is_read_as_a_terminal_or_file_manager_pastes_it(text: str, path: str) -> None:
    assert paths.pasted(text, Disk()) == [path]
    assert paths.pasted(text, Disk(path)) == [path]


@pytest.mark.parametrize(
    "name",
    [
        "/data/'quoted'",
        '"/data"',
        r"/data/back\ slash",
        "/data/ends with a space ",
        "file:///data/b",
        "/data/a /data/b",
        "/data/two\nlines",
        " leading",
    ],
)
def test_a_path_that_exists_as_it_stands_is_not_read_otherwise(name: str) -> None:
    everything = Disk(name, "/data", "/data/b", "/data/a", "/data/quoted", "/data/back slash")
    assert paths.pasted(name, everything) == [name]
    assert paths.pasted(f"{name}\n", everything) == [name]


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("/data/a /data/b", ["/data/a", "/data/b"]),
        ("'/data/a b' '/data/c'", ["/data/a b", "/data/c"]),
        ("/data/a\n/data/b c\n", ["/data/a", "/data/b c"]),
        ("file:///a%20b\r\nfile:///c\r\n", ["/a b", "/c"]),
        ("file:///a%20b file:///c", ["/a b", "/c"]),
        (r"~/a\ b ~/c", ["~/a b", "~/c"]),
    ],
)
def test_several_paths_are_told_apart(text: str, several: list[str]) -> None:
    assert paths.pasted(text, Disk()) == several


def test_relative_names_are_several_where_the_first_exists() -> None:
    assert paths.pasted("a b", Disk()) == ["a b"]
    assert paths.pasted("a b", Disk("a")) == ["a", "b"]


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_blank_text_names_no_path(text: str) -> None:
    assert paths.pasted(text, Disk()) == []


def test_what_is_pasted_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my bears").mkdir()
    for text in ("'~/my bears'", "~/my\\ bears", f"file://{tmp_path}/my%20bears\n"):
        assert paths.meant(text) == tmp_path / "my bears"
    monkeypatch.chdir(tmp_path)
    assert paths.meant("'my bears'") == tmp_path / "my bears"


@pytest.mark.parametrize(
    "text", ["'", "\\", "\0", "file://[", "file:///%00", "'\0'", "~\0", "a" * 9000]
)
def test_no_text_is_too_odd(text: str) -> None:
    assert len(paths.pasted(text)) == 1
