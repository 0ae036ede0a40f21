import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
from bear_tui.preload import load_libraries
load_libraries()
assert "torch" not in sys.modules and "triton" not in sys.modules
loaded = Path("/proc/self/maps").read_text()
import torch
print("libtorch_python" in loaded, int(torch.ones(3).sum()))
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no list of loaded libraries here")
def test_the_libraries_are_there_before_torch_is_imported_and_it_works_with_them() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["True", "3"]
