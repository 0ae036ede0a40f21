"""A kill at any moment of preparing leaves nothing or the whole."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bear_tui.data.inventory import take_inventory
from bear_tui.data.plan import plan
from bear_tui.data.prepare import carry_out
from tests.unit.data.little_photos import write_classes

KILLS = 20

# One interpreter forks the children, so that each costs a few hundredths of a second. The first
# two live, and tell how long the work takes; the others are killed after ever longer parts of it.
SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from bear_tui.data.inventory import take_inventory
from bear_tui.data.plan import plan
from bear_tui.data.prepare import carry_out
source, out, kills = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
whole = 0.0
for number in range(-2, kills):
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        carry_out(plan(take_inventory(source), out / f"{number}"))
        os._exit(0)
    if number >= 0:
        time.sleep(whole * 1.1 * number / kills)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if number < 0:
        whole = time.monotonic() - began
    print(number, os.WIFSIGNALED(status), flush=True)
"""


def whole(folder: Path, manifest: bytes) -> bool:
    """Whether a prepared folder is the very one that its manifest describes."""
    if (folder / "manifest.json").read_bytes() != manifest:
        return False
    return all(
        hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"]
        for file in json.loads(manifest)["files"]
    )


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_nothing_or_the_whole(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 24, "cat": 24})
    out = tmp_path / "out"
    out.mkdir()
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(source), str(out), str(KILLS)],
        capture_output=True,
        text=True,
        check=True,
    )
    killed = [line.split()[0] for line in answer.stdout.splitlines() if line.endswith("True")]
    assert len(killed) >= KILLS // 2
    manifest = (out / "-1" / "manifest.json").read_bytes()
    made = [name for name in os.listdir(out) if not name.startswith(".")]  # noqa: PTH208
    assert all(whole(out / name, manifest) for name in made)
    absent = set(killed) - set(made)
    assert absent
    # What a kill left behind is removed by the next attempt, and is in nobody's way.
    for name in sorted(absent)[:2]:
        carry_out(plan(take_inventory(source), out / name))
        assert whole(out / name, manifest)
        assert not [left for left in out.iterdir() if left.name.startswith(f".{name}.")]
