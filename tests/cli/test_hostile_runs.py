"""Runs and folders whose every word is one that a terminal would obey, through every command."""

import ast
import csv
import io
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

import bear_tui
from bear_tui.cli import main
from bear_tui.files import read_text, write_text
from bear_tui.recipe_file import to_toml
from bear_tui.run.control import ask
from bear_tui.run.events import RunFailed, RunStarted, RunStopped
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from tests.tui.photo_folders import class_folders
from tests.unit.sample_runs import sample_run

EVIL = "\x1b]0;owned\x07\x9b31m\u202e[red]\n\r\t\x7f"
"""Sets a title, a colour, writes backwards, and begins new lines."""
IN_A_NAME = EVIL.replace("\n", "").replace("\r", "")
CLASSES = (f"a{IN_A_NAME}", f"b{IN_A_NAME}")


def evil_run(path: Path, ended: RunStopped | RunFailed) -> RunFolder:
    told = [(f"{n}{IN_A_NAME}.jpg", CLASSES[n % 2], CLASSES[n % 3 % 2]) for n in range(9)]
    folder = sample_run(path, told, root=f"/photos{IN_A_NAME}", classes=CLASSES)
    recipe = folder.recipe()
    write_text(folder.recipe_file, to_toml(replace(recipe, unfreeze=f"classifier.1,{EVIL}")))
    journal = Journal(folder.journal_file)
    started = RunStarted(folder.run, f"cpu{EVIL}", f"fp32{EVIL}", CLASSES, 9, 3, 5_000, 10_000)
    for event in (started, ended):
        journal.append(event)
    journal.close()
    owner = {"pid": EVIL, "host": EVIL, "started": 1e9, "waiting": EVIL, "ended": True}
    folder.lock_file.write_text(json.dumps(owner))
    ask(folder.control_file, "stop", EVIL)
    rows = [["test", "other", "split", "same_bytes"], [told[0][0], told[1][0], "train", "1"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    write_text(folder.lookalikes_file, text.getvalue())
    write_text(folder.corrections_file, json.dumps({"version": 1, "decisions": []}))
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evil") / f"runs{IN_A_NAME}"
    evil_run(folder / f"one{IN_A_NAME}", RunStopped(EVIL))
    evil_run(folder / f"two{IN_A_NAME}", RunFailed(EVIL))
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = class_folders(tmp_path_factory.mktemp("photos") / f"photos{IN_A_NAME}", 8, CLASSES)
    (root / CLASSES[0] / f"broken{IN_A_NAME}.jpg").write_bytes(b"no photo")
    (root / f"single{IN_A_NAME}.jpg").write_bytes(b"no photo")
    return root


def obeyed(text: str) -> list[str]:
    """What a terminal would obey in it, but for the ends of lines."""
    unsafe = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return [c for c in text if unicodedata.category(c) in unsafe and c != "\n"]


_JSON = ("runs", "show", "compare", "suspects", "check", "test", "predict", "resume", "train")


@pytest.mark.parametrize(
    "command",
    [
        ("runs",),
        ("show", "one"),
        ("show", "two"),
        ("show", "three{evil}"),
        ("compare", "one", "two"),
        ("report", "one", "--to", "csv", "--out", "{out}/csv{evil}"),
        ("report", "one", "--out", "{out}/{evil}.html"),
        ("resume", "one"),
        ("stop", "one"),
        ("test", "one"),
        ("predict", "one", "{photos}"),
        ("export", "one", "--to", "onnx", "--out", "{out}/{evil}"),
        ("suspects", "one"),
        ("suspects", "{photos}", "--model", "m{evil}"),
        ("check", "{photos}"),
        ("check", "{evil}"),
        ("prepare", "{photos}", "--out", "{out}/prepared{evil}"),
        ("prepare", "{photos}", "--out", "{photos}"),
        ("train", "--data", "{photos}", "--model", "m{evil}"),
        ("train", "--data", "{photos}{evil}"),
        ("train", "--recipe", "{out}/{evil}"),
        ("layers", "m{evil}"),
        ("ladder", "--data", "{photos}{evil}"),
        ("lr", "--data", "{photos}{evil}"),
        ("{evil}",),
        ("--data", "{evil}"),
    ],
    ids=" ".join,
)
def test_nothing_of_it_reaches_the_terminal(
    command: tuple[str, ...],
    runs: Path,
    photos: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [word.format(evil=IN_A_NAME, out=tmp_path, photos=photos) for word in command]
    of_runs = command[0] in ("check", "prepare", "layers", "lr", "{evil}", "--data")
    words += [] if of_runs else ["--runs", str(runs)]
    for more in ([], ["--json"]) if command[0] in _JSON else ([],):
        status = main([*words, *more])
        printed = capsys.readouterr()
        assert printed.out + printed.err, "something is said"
        assert not obeyed(printed.out + printed.err), printed
        if status == 0 and more:
            json.loads(printed.out)
        if status:
            *before, last = printed.err.splitlines()
            assert last.startswith("bear-tui: ")
            assert not any(line.startswith("Traceback") for line in before)


def test_what_a_training_tells_of_them_is_safe_too(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--model=mlp", "--image-size=8", "--epochs=1", "--device=cpu", "--batch-size=4")
    words = ["train", "--data", str(photos), *options, "--runs", str(tmp_path)]
    assert main([*words, "--name", EVIL]) == 0
    printed = capsys.readouterr()
    assert "test accuracy" in printed.out
    assert "broken" in printed.err
    assert not obeyed(printed.out + printed.err)
    (run,) = tmp_path.iterdir()
    assert not obeyed(read_text(RunFolder(run).log_file))
    assert main(["show", "last", "--runs", str(tmp_path)]) == 0
    assert not obeyed(capsys.readouterr().out)


_PRINTERS = Path(bear_tui.__file__).parent / "commands"
_DOORS = ("output.py", "streams.py")


def test_commands_print_through_one_door_alone() -> None:
    found = []
    for path in sorted(_PRINTERS.glob("*.py")):
        if path.name in _DOORS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            writes = called.endswith(("stdout.write", "stderr.write", "stdout.writelines"))
            if called in ("print", "pprint") or writes or called == "os.write":
                found.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
            if called == "print_raw" and not _for_programs(node):
                found.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
    assert not found, "\n".join(found)


def _for_programs(node: ast.Call) -> bool:
    """Whether what is printed as it is holds nothing but JSON and our own words."""
    text = ast.unparse(node.args[0])
    return "json" in text or isinstance(node.args[0], ast.Constant)
