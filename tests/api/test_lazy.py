"""`import bear_tui` costs next to nothing. Proved in a fresh process."""

import subprocess
import sys

import pytest

import bear_tui

HEAVY = "sorted({'torch', 'torchvision', 'textual', 'PIL', 'numpy', 'rich'} & set(sys.modules))"


@pytest.mark.parametrize(
    "code",
    [
        "import bear_tui",
        "import bear_tui; bear_tui.errors.Failure, bear_tui.Recipe, bear_tui.__version__",
        "import bear_tui; bear_tui.train, bear_tui.Run",
        "import bear_tui, tempfile; assert bear_tui.runs(tempfile.gettempdir() + '/none') == []",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print({HEAVY})"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "[]\n"


def test_importing_the_package_imports_none_of_its_rooms() -> None:
    probe = "import sys, bear_tui; print(sorted(m for m in sys.modules if 'bear_tui' in m))"
    answer = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "['bear_tui', 'bear_tui.version']\n"


def test_public_names_are_there_and_others_are_not() -> None:
    assert set(bear_tui.__all__) == set(dir(bear_tui))
    for name in bear_tui.__all__:
        assert getattr(bear_tui, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        bear_tui.trian  # noqa: B018
