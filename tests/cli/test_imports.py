"""What a command does not need, it does not load. Proved in a fresh process."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROBE = """
import sys
from bear_tui.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
heavy = sorted({"torch", "torchvision", "textual", "PIL", "numpy"} & set(sys.modules))
print("LOADED", *heavy)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["suspects", "--help"],
        ["runs"],
        ["models"],
        ["show", "none"],
    ],
)
def test_a_command_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    runs = ["--runs", str(tmp_path)] if arguments[0] in ("runs", "show") else []
    answer = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments, *runs],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.splitlines()[-1].strip() == "LOADED"


def test_the_app_starts_without_a_parser_of_all_commands() -> None:
    probe = (
        "import sys; from bear_tui.cli import main; status = main([]); "
        "print(status, 'argparse' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    assert (answer.stdout.strip(), "needs a terminal" in answer.stderr) == ("2 False", True)


def test_no_command_prints_a_traceback_for_help() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "bear_tui", "predict", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "RUN" in answer.stdout
