"""Memory that a short job beside a training took is the system's again when it is done."""

import subprocess
import sys

import pytest

HELD_AFTER_AN_ESTIMATE = """
import resource
from bear_tui import memory
memory.keep_freed()
from bear_tui.recipe_defaults import default_recipe
from bear_tui.tui.session import engine

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20

engine.estimate(default_recipe("photos", "mlp"), 2, 100, 20)  # loads torch
before = held()
assert engine.estimate(default_recipe("photos", "alexnet"), 2, 100, 20) is not None
print(held() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_an_estimate_holds_no_memory_once_it_is_done() -> None:
    command = [sys.executable, "-c", HELD_AFTER_AN_ESTIMATE]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(answer.stdout) < 100, "AlexNet's weights are 233 MiB"
