"""A Textual that lacks a private name leaves out one part; the app works on without it."""

import subprocess
import sys

import pytest

from bear_tui.tui.toolkit.private_names import PARTS

pytestmark = pytest.mark.slow  # a process a name


@pytest.mark.parametrize("name", [name for part in PARTS.values() for name in part.names])
def test_the_app_works_on_a_textual_without_a_name(name: str) -> None:
    command = [sys.executable, "-m", "tests.tui.without_name", name]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert answer.stdout.splitlines()[-1:] == ["ended well"], answer.stderr[-2000:]
