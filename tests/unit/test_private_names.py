"""Private names of Textual: in the toolkit alone, each in its list, each in the installed one."""

import pytest

from bear_tui.tui.toolkit.private_names import PARTS, active, exists, missing
from tests.imports import modules
from tests.private_uses import uses

TOOLKIT = "bear_tui.tui.toolkit"
LISTED = [name for part in PARTS.values() for name in part.names]


@pytest.mark.parametrize("name", LISTED)
def test_the_installed_textual_has_a_listed_name(name: str) -> None:
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "textual._no_such_module:Thing",
        "textual._compositor:NoSuchUpdate",
        "textual.app:NoSuchApp._display",
        "textual.app:App._no_such_name",
    ],
)
def test_a_name_that_is_not_there_is_missing(name: str) -> None:
    assert not exists(name)


def test_a_name_stands_in_one_part() -> None:
    assert len(LISTED) == len(set(LISTED))


def test_the_toolkit_uses_the_names_of_the_list_and_no_other() -> None:
    used = {name for module in modules() if module.startswith(TOOLKIT) for name in uses(module)}
    assert used == {name.replace(":", ".").rpartition(".")[2] for name in LISTED}


def test_no_other_file_of_the_app_uses_a_private_name() -> None:
    elsewhere = {
        module: names
        for module in modules()
        if module.startswith("bear_tui.tui.")
        and not module.startswith(TOOLKIT)
        and (names := uses(module))
    }
    assert elsewhere == {}


def test_plain_turns_all_replacements_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BEAR_TUI_PLAIN", raising=False)
    assert all(active(part) for part in PARTS)
    monkeypatch.setenv("BEAR_TUI_PLAIN", "1")
    assert not any(active(part) for part in PARTS)
    assert not any(missing(part) for part in PARTS)
