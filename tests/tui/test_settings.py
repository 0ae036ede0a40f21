"""The app's small memory."""

import os
from pathlib import Path

import pytest

from bear_tui.tui.session.settings import Settings, load, save


def test_settings_come_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    settings = Settings(datasets=("/a", "/b\udcff"), theme="bear-light", model="vgg16")
    save(settings, path)
    assert load(path) == settings


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"datasets": 3}', '{"datasets": [1, null]}', "[" * 99_999, "\ufeff{}"),
        *('{"model": NaN}', '{"datasets": ' + "[" * 9999 + "]" * 9999 + "}", "x" * 2_000_000),
    ],
    ids=lambda text: text[:20],
)
def test_damaged_settings_are_as_at_the_first_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert load(path) == Settings()


def test_settings_that_are_no_file_are_waited_for_by_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.json")
    assert load(tmp_path / "settings.json") == Settings()


def test_a_dataset_used_again_moves_to_the_front() -> None:
    settings = Settings()
    for number in range(12):
        settings = settings.with_dataset(f"/{number}")
    settings = settings.with_dataset("/7")
    assert settings.datasets[:2] == ("/7", "/11")
    assert len(settings.datasets) == 8


def test_a_folder_that_takes_no_settings_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    save(Settings(), tmp_path / "file" / "settings.json")
