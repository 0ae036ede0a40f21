import os
import subprocess
import sys

import pytest

WORK = """
import resource, sys, threading
import numpy as np
from bear_tui import memory

if sys.argv[1] == "keep":
    memory.keep_freed()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def layers():
    for _ in range(3):
        np.ones(100 * 2**20, np.uint8)

def work():
    layers()
    before = faults()
    layers()
    print(faults() - before)

thread = threading.Thread(target=work)
thread.start()
thread.join()
memory.give_back()
with open("/proc/self/statm") as file:
    print(int(file.read().split()[1]) * resource.getpagesize() // 2**20)
"""


def measured(how: str) -> tuple[int, int]:
    """Page faults of the later large blocks, and MiB held after all is given back."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", WORK, how]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    faults, held = answer.stdout.split()
    return int(faults), int(held)


@pytest.mark.skipif(
    not hasattr(os, "confstr") or "CS_GNU_LIBC_VERSION" not in os.confstr_names,
    reason="another C library than glibc",
)
def test_large_blocks_are_taken_from_the_system_once_and_given_back_at_the_end() -> None:
    faults, held = measured("keep")
    faults_of_glibc, _ = measured("as it is")
    # Huge pages make the count smaller, so the two are compared.
    assert faults_of_glibc > 50
    assert faults < faults_of_glibc / 10
    assert held < 100
