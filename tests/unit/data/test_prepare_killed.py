"""A kill at any moment of preparing leaves nothing or the whole, and no hidden folder either."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.folders.scan import photos_below
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.write import carry_out
from bear_tui.errors import BadInput
from tests.unit.data.photo_files import write_classes

KILLS = 20

# One interpreter forks the children, so that each costs a few hundredths of a second. The first
# two live, and tell how long the work takes; the others are killed after ever longer parts of it.
SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.prepare.plan import plan
from bear_tui.data.prepare.write import carry_out
source, out, kills = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
whole = 0.0
for number in range(-2, kills):
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        carry_out(plan(take_inventory(source), out / f"{number}" / "data"))
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
    manifest = (out / "-1" / "data" / "manifest.json").read_bytes()
    made = [folder.name for folder in out.iterdir() if (folder / "data").is_dir()]
    assert all(whole(out / name / "data", manifest) for name in made)
    assert set(killed) - set(made)
    # The watchers have a moment's work.
    end = time.monotonic() + 10
    while sorted(names(out)) != sorted([*made, *["data"] * len(made)]):
        assert time.monotonic() < end, sorted(names(out))
        time.sleep(0.02)


def test_what_a_power_cut_leaves_is_removed_by_the_next_attempt_beside_it(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 7, "cat": 7})
    out = tmp_path / "out"
    for name in (".one.0123abcd.bear-tui.part", ".theirs.part"):
        (out / name / "content" / "train").mkdir(parents=True)
    (out / ".a-file.bear-tui.part").touch()
    carry_out(plan(take_inventory(source), out / "two"))
    assert hidden(out) == [".a-file.bear-tui.part", ".theirs.part"]


def test_what_a_power_cut_leaves_is_no_class_and_no_photo(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 7, "cat": 7})
    rest = {f".out.0123abcd.bear-tui.part/content/train/{name}": 2 for name in ("bear", "cat")}
    for parent in (source, source / "bear"):
        write_classes(parent, rest, first=500)
    inventory = take_inventory(source)
    assert inventory.counts() == {"bear": {"all": 7}, "cat": {"all": 7}}
    assert inventory.problems == ()
    assert inventory.hidden == 2
    assert len(photos_below(source)[0]) == 14
    # Beside a lone class it makes no second one, and in a folder of its own it is none.
    write_classes(tmp_path / "left", rest)
    with pytest.raises(BadInput, match="there are no class folders here"):
        take_inventory(tmp_path / "left")


def test_only_what_a_dead_process_left_is_removed_whatever_its_target(tmp_path: Path) -> None:
    source = write_classes(tmp_path / "source", {"bear": 7, "cat": 7})
    out = tmp_path / "out"
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from bear_tui.data.prepare import whole_folder\n"
        "whole_folder._watch = lambda *_: None\n"  # a power cut takes the watcher too
        "with whole_folder.whole_folder(Path(sys.argv[1])) as inner:\n"
        "    (inner / 'half.jpg').touch()\n"
        "    print(inner.parent.name, flush=True)\n"
        "    sys.stdin.read()\n"
    )

    def begun(target: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", script, str(target)]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    with begun(out / "one") as dead, begun(out / "two") as living:
        assert dead.stdout is not None
        assert living.stdout is not None
        left, kept = dead.stdout.readline().strip(), living.stdout.readline().strip()
        dead.kill()
        dead.wait()
        assert hidden(out) == sorted([left, kept])
        carry_out(plan(take_inventory(source), out / "three"))
        assert hidden(out) == [kept]
        living.communicate()
    assert sorted(path.name for path in out.iterdir()) == ["three", "two"]
    assert (out / "two" / "half.jpg").is_file()


def names(out: Path) -> list[str]:
    """All that lies in the folder and in those in it."""
    return [path.name for path in (*out.iterdir(), *out.glob("*/*"))]


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))
