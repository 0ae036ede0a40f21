"""A prepared folder is exactly what was planned, made from untouched sources, whole or absent."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bear_tui.data.dataset import open_dataset
from bear_tui.data.folders.inventory import take_inventory
from bear_tui.data.parallel import Cancelled
from bear_tui.data.prepare.plan import Plan
from bear_tui.data.prepare.plan import plan as make_plan
from bear_tui.data.prepare.select import Quota
from bear_tui.data.prepare.write import carry_out
from bear_tui.errors import BadInput, Failure
from tests.unit.data.photo_files import picture, write_classes, write_photo

PREPARE = (
    "import sys\nfrom pathlib import Path\n"
    "from bear_tui.data.folders.inventory import take_inventory\n"
    "from bear_tui.data.prepare.plan import plan\n"
    "from bear_tui.data.prepare.write import carry_out\n"
    "planned = plan(take_inventory(Path(sys.argv[1])), Path(sys.argv[2]))\n"
)


def plan(
    sources: Any,
    out: Path,
    *,
    hold_out: int = 5,
    balance: bool = False,
    limit: int | None = None,
    validation: int = 0,
    **options: Any,
) -> Plan:
    return make_plan(sources, out, Quota(hold_out, balance, limit, validation), **options)


def contents(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def counted(root: Path) -> dict[str, int]:
    found = Counter(path.parent.relative_to(root).as_posix() for path in root.rglob("*.jpg"))
    return dict(sorted(found.items()))


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_classes(tmp_path / "source", {"bear": 12, "cat": 8})


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_the_hold_out_is_exact_and_the_rest_is_for_training(source: Path, out: Path) -> None:
    planned = plan(take_inventory(source), out, hold_out=3)
    prepared = carry_out(planned)
    assert planned.counts() == {"bear": {"train": 9, "test": 3}, "cat": {"train": 5, "test": 3}}
    assert prepared.counts == planned.counts()
    assert counted(out) == {"test/bear": 3, "test/cat": 3, "train/bear": 9, "train/cat": 5}
    assert open_dataset(out).classes == ("bear", "cat")


def test_sources_are_never_changed(source: Path, out: Path) -> None:
    before = contents(source)
    carry_out(plan(take_inventory(source), out))
    assert contents(source) == before


def test_the_same_seed_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        carry_out(plan(take_inventory(source), tmp_path / name, seed=seed))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert contents(tmp_path / "one") != contents(tmp_path / "three")


def test_unreadable_photos_are_left_out_and_the_hold_out_is_refilled(
    source: Path, out: Path
) -> None:
    held = {
        step.photo.path for step in plan(take_inventory(source), out).steps if "test" in step.target
    }
    for path in held:
        path.write_bytes(path.read_bytes()[:400])
    planned = plan(take_inventory(source), out, hold_out=2)
    carry_out(planned)
    assert {problem.path for problem in planned.excluded} == held
    assert {problem.kind for problem in planned.excluded} == {"truncated"}
    assert counted(out) == {"test/bear": 2, "test/cat": 2, "train/bear": 5, "train/cat": 1}


def test_copies_are_written_once_and_never_on_both_sides(source: Path, out: Path) -> None:
    for path in list((source / "bear").iterdir()):
        shutil.copy(path, path.with_name(f"copy_{path.name}"))
    shutil.copy(source / "bear" / "bear_000.jpg", source / "cat" / "bear.jpg")
    planned = plan(take_inventory(source), out, hold_out=4)
    carry_out(planned)
    assert planned.counts()["bear"] == {"train": 8, "test": 4}
    assert planned.counts()["cat"] == {"train": 4, "test": 4}
    kinds = Counter(problem.kind for problem in planned.excluded)
    assert kinds == {"duplicate": 12, "duplicate_across_classes": 1}
    assert len(set(contents(out).values())) == len(contents(out))


def test_a_split_source_keeps_its_split(tmp_path: Path, out: Path) -> None:
    counts = {f"{s}/{c}": n for s, n in (("train", 6), ("val", 2), ("test", 3)) for c in ("a", "b")}
    source = write_classes(tmp_path / "source", counts)
    test_photo = source / "test" / "a" / "a_000.jpg"
    shutil.copy(test_photo, source / "train" / "a" / "leaked.jpg")
    planned = plan(take_inventory(source), out, hold_out=1)
    carry_out(planned)
    assert planned.counts()["a"] == {"train": 6, "validation": 2, "test": 3}
    assert [(p.path.name, p.kind) for p in planned.excluded] == [
        ("leaked.jpg", "duplicate_across_splits")
    ]
    manifest = json.loads((out / "manifest.json").read_text())
    for entry in manifest["files"]:
        folder = {"validation": "val"}.get(entry["split"], entry["split"])
        assert f"/{folder}/" in entry["source"]


def test_of_copies_the_one_for_the_test_is_kept(tmp_path: Path, out: Path) -> None:
    # "Train" sorts before "test"; the test part must not change for that.
    counts = {"Train/a": 3, "Train/b": 3, "test/a": 2, "test/b": 2}
    source = write_classes(tmp_path / "source", counts)
    shutil.copy(source / "test" / "a" / "a_000.jpg", source / "Train" / "a" / "leaked.jpg")
    planned = plan(take_inventory(source), out)
    assert [problem.path.name for problem in planned.excluded] == ["leaked.jpg"]
    assert planned.counts()["a"] == {"train": 3, "test": 2}


def test_a_source_with_only_train_gets_a_hold_out(tmp_path: Path, out: Path) -> None:
    source = write_classes(tmp_path / "source", {"train/a": 6, "train/b": 6})
    assert plan(take_inventory(source), out, hold_out=2).counts()["a"] == {"train": 4, "test": 2}


def test_limit_and_balance_count_the_hold_out(source: Path, out: Path) -> None:
    inventory = take_inventory(source)
    limited = plan(inventory, out, hold_out=3, limit=10)
    assert limited.counts() == {"bear": {"train": 7, "test": 3}, "cat": {"train": 5, "test": 3}}
    assert limited.unused == 2
    balanced = plan(inventory, out, hold_out=3, balance=True)
    assert balanced.counts() == {"bear": {"train": 5, "test": 3}, "cat": {"train": 5, "test": 3}}
    split = write_classes(
        source.parent / "split", {"train/a": 30, "train/b": 6, "test/a": 10, "test/b": 2}
    )
    assert plan(take_inventory(split), out, limit=12).counts() == {
        "a": {"train": 9, "test": 3},
        "b": {"train": 6, "test": 2},
    }


def test_photos_come_out_square_reduced_upright_and_never_enlarged(
    tmp_path: Path, out: Path
) -> None:
    bear = tmp_path / "bear"
    write_photo(bear / "wide.jpg", 1, 600, 300)
    write_photo(bear / "small.png", 2, 40, 30)
    exif = Image.Exif()
    exif[0x0112] = 6
    half = Image.new("RGB", (400, 200), "blue")
    half.paste("red", (0, 0, 200, 200))
    half.save(bear / "turned.jpg", exif=exif)
    write_classes(tmp_path, {"cat": 2})
    carry_out(plan({"bear": bear, "cat": tmp_path / "cat"}, out, hold_out=0, size=256))
    made = {path.name: np.asarray(Image.open(path)) for path in (out / "train/bear").iterdir()}
    assert {name: pixels.shape for name, pixels in made.items()} == {
        "wide.jpg": (256, 256, 3),
        "small.jpg": (40, 40, 3),
        "turned.jpg": (256, 256, 3),
    }
    assert made["wide.jpg"][5].max() < 8
    assert made["turned.jpg"][20, 128].tolist()[0] > 200
    assert made["turned.jpg"][235, 128].tolist()[2] > 200


def test_pad_none_keeps_the_shape(source: Path, out: Path) -> None:
    carry_out(plan(take_inventory(source), out, size=20, pad="none"))
    assert {Image.open(path).size for path in out.rglob("*.jpg")} == {(20, 15)}


def test_colours_survive(source: Path, out: Path) -> None:
    write_photo(source / "bear" / "colours.png", 99, 64, 64)
    carry_out(plan(take_inventory(source), out, hold_out=1))
    (made,) = out.rglob("colours.jpg")
    difference = np.asarray(Image.open(made), int) - np.asarray(picture(99, 64, 64), int)
    assert np.abs(difference).mean() < 3


def test_names_from_two_sources_do_not_collide(tmp_path: Path, out: Path) -> None:
    for number, name in enumerate(("one/a.jpg", "one/deep/a.png", "two/A.JPG", "two/a;x.jpg")):
        write_photo(tmp_path / name, number)
    odd = write_photo(tmp_path / "two" / "x.jpg", 9)
    odd.rename(odd.with_name("caf\udce9\n.jpg"))
    write_classes(tmp_path, {"cat": 2})
    planned = plan(
        {"../bear": [tmp_path / "one", tmp_path / "two"], "cat": tmp_path / "cat"}, out, hold_out=0
    )
    carry_out(planned)
    assert set(planned.counts()) == {"_bear", "cat"}
    assert sorted(path.name for path in (out / "train" / "_bear").iterdir()) == [
        "A-3.jpg",
        "a-2.jpg",
        "a.jpg",
        "a_x.jpg",
        "caf__.jpg",
    ]


def test_a_folder_named_twice_is_taken_once(source: Path, out: Path) -> None:
    planned = plan({"bear": source / "bear", "rest": source}, out, hold_out=2)
    assert planned.counts() == {"bear": {"train": 10, "test": 2}, "rest": {"train": 6, "test": 2}}
    twice = plan({"bear": [source / "bear"] * 2, "cat": source / "cat"}, out, hold_out=2)
    assert twice.counts()["bear"] == {"train": 10, "test": 2}


def test_the_manifest_says_what_each_photo_was_made_from(source: Path, out: Path) -> None:
    (source / "bear" / "text.jpg").write_text("hello")
    prepared = carry_out(plan(take_inventory(source), out, hold_out=2))
    manifest = json.loads(prepared.manifest.read_text())
    assert manifest["fingerprint"] == prepared.fingerprint
    assert manifest["settings"]["hold_out"] == 2
    assert manifest["classes"]["cat"] == {"train": 6, "test": 2}
    assert [entry["kind"] for entry in manifest["excluded"]] == ["not_an_image"]
    assert {entry["path"] for entry in manifest["files"]} == set(contents(out)) - {"manifest.json"}
    for entry in manifest["files"]:
        assert contents(out)[entry["path"]] == entry["sha256"]
        source_bytes = Path(entry["source"]).read_bytes()
        assert hashlib.sha256(source_bytes).hexdigest() == entry["source_sha256"]
        assert entry["done"] == "JPEG of 40 x 30, padded black"


def test_a_folder_that_holds_something_is_never_mixed_into(source: Path, out: Path) -> None:
    out.mkdir()
    carry_out(plan(take_inventory(source), out))
    before = contents(out)
    with pytest.raises(BadInput, match="not empty"):
        plan(take_inventory(source), out)
    assert contents(out) == before


def test_what_appears_meanwhile_is_kept(source: Path, out: Path) -> None:
    planned = plan(take_inventory(source), out)

    def interfere(done: int, _total: int) -> None:
        if done == 5:
            write_photo(out / "mine.jpg")

    with pytest.raises(Failure, match="meanwhile"):
        carry_out(planned, interfere)
    assert list(contents(out)) == ["mine.jpg"]
    assert beside(out) == ["out", "source"]


def test_a_cancel_leaves_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "deep" / "out"
    stop = threading.Event()

    def progress(done: int, _total: int) -> None:
        if done == 5:
            stop.set()

    with pytest.raises(Cancelled):
        carry_out(plan(take_inventory(source), out), progress, stop)
    assert beside(tmp_path / "out") == ["source"]


def test_a_photo_that_changed_since_the_plan_is_one_sentence(source: Path, out: Path) -> None:
    planned = plan(take_inventory(source), out)
    (source / "bear" / "bear_003.jpg").write_text("no photo any more")
    with pytest.raises(Failure, match=r"bear_003\.jpg: .*make a new one"):
        carry_out(planned)
    (source / "bear" / "bear_003.jpg").unlink()
    with pytest.raises(Failure, match=r"bear_003\.jpg: no such file"):
        carry_out(planned)
    assert beside(out) == ["source"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(source: Path, out: Path) -> None:
    # A limit on file size fails in the same place as a full disk does, with another number.
    script = PREPARE + (
        "import errno, resource\nfrom bear_tui.errors import Failure\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
        "try: carry_out(planned)\n"
        "except Failure as failure: print(failure)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(source), str(out)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.startswith(
        f"{out}: the file system or `ulimit -f` allows no file so large"
    )
    assert beside(out) == ["source"]


def test_a_killed_process_leaves_no_half_folder_and_its_rest_is_removed(
    source: Path, out: Path
) -> None:
    script = PREPARE + (
        "from bear_tui.data.prepare import whole_folder\n"
        "whole_folder._watch = lambda *_: None\n"  # a power cut takes the watcher too
        "import time\n"
        "def wait(done, total):\n"
        "    if done == 5: print('midway', flush=True); time.sleep(60)\n"
        "carry_out(planned, wait)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(source), str(out)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"midway\n"
    # While that process works, another must leave its folder alone.
    with pytest.raises(BadInput, match="too few"):
        plan(take_inventory(source), out, hold_out=50)
    carry_out(plan(take_inventory(source), out.with_name("other")))
    assert any(name.startswith(".out.") for name in beside(out))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not out.exists()
    assert any(name.startswith(".out.") for name in beside(out))
    carry_out(plan(take_inventory(source), out))
    assert beside(out) == ["other", "out", "source"]


def test_two_at_once_do_not_disturb_each_other(source: Path, out: Path) -> None:
    planned = plan(take_inventory(source), out)
    failures: list[Failure] = []

    def work() -> None:
        try:
            carry_out(planned, lambda _done, _total: time.sleep(0.01))
        except Failure as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) == 1
    assert "meanwhile" in str(failures[0]) or "not empty" in str(failures[0])
    assert counted(out)["train/bear"] == 7
    assert beside(out) == ["out", "source"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_one_may_not_write_to_is_one_sentence(source: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(Failure, match="permission denied"):
        carry_out(plan(take_inventory(source), tmp_path / "closed" / "out"))


def test_wishes_that_cannot_be_met_are_refused(source: Path, tmp_path: Path) -> None:
    inventory, out = take_inventory(source), tmp_path / "out"
    bear, cat = source / "bear", source / "cat"
    (tmp_path / "empty").mkdir()
    wishes: list[tuple[str, Callable[[], object]]] = [
        ("cat: 8 readable photos are too few", lambda: plan(inventory, out, hold_out=8)),
        ("--limit 0", lambda: plan(inventory, out, limit=0)),
        ("bear: 5 readable photos are too few", lambda: plan(inventory, out, limit=5)),
        ("--size 0", lambda: plan(inventory, out, size=0)),
        ("--pad pink", lambda: plan(inventory, out, pad="pink")),
        ("--hold-out -1", lambda: plan(inventory, out, hold_out=-1)),
        ("lies inside the source", lambda: plan(inventory, source / "out")),
        ("lies inside the source", lambda: plan({"bear": bear, "cat": cat}, bear / "out")),
        ("would share one folder", lambda: plan({"a:b": bear, "a/b": cat}, out)),
        ("name the class with letters", lambda: plan({"..": bear, "cat": cat}, out)),
        ("no photos here for the class x", lambda: plan({"x": tmp_path / "empty", "y": cat}, out)),
        ("no such file", lambda: plan({"x": tmp_path / "nowhere", "y": cat}, out)),
        ("a file stands here", lambda: plan(inventory, bear / "bear_000.jpg")),
    ]
    for words, make in wishes:
        with pytest.raises(BadInput) as caught:
            make()
        assert words in str(caught.value)
