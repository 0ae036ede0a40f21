import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bear_tui.errors import Failure
from bear_tui.files import atomic, explain, read_text, write_text
from tests.permissions import as_anyone

DEV_FULL = Path("/dev/full")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "text", ["", "one\r\ntwo\nthree\r", "Медведь 🐻", os.fsdecode(b"/photos/caf\xe9/\xff\xfe.jpg")]
)
def test_a_text_comes_back_as_it_was(text: str, tmp_path: Path) -> None:
    write_text(tmp_path / "file", text)
    assert read_text(tmp_path / "file") == text


def test_a_name_that_is_no_utf8_is_written_as_its_own_bytes(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "caf\udce9")
    assert (tmp_path / "file").read_bytes() == b"caf\xe9"


def test_a_file_is_not_there_before_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with atomic(target) as file:
        file.write(b"half")
        file.flush()
        assert not target.exists()
    assert target.read_bytes() == b"half"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt])
def test_trouble_midway_leaves_the_old_file_and_nothing_beside_it(
    trouble: type[BaseException], tmp_path: Path
) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")

    def write() -> None:
        with atomic(target) as file:
            file.write(b"new")
            raise trouble

    with pytest.raises(trouble):
        write()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_process_killed_midway_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    script = (
        "import pathlib, sys\n"
        "from bear_tui.files import atomic\n"
        "with atomic(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'new'); file.flush()\n"
        "    print('ready', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        writer.send_signal(signal.SIGKILL)
    assert target.read_bytes() == b"old"


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    script = (
        "import pathlib, resource, sys\n"
        "from bear_tui.files import write_text\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_text(pathlib.Path(sys.argv[1]), 'x' * 5000)\n"
        "except OSError: print('refused')\n"
    )
    command = [sys.executable, "-c", script, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_new_file_has_the_mode_that_the_user_gives_new_files(
    mask: int, mode: int, tmp_path: Path
) -> None:
    before = os.umask(mask)
    try:
        write_text(tmp_path / "file", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_who_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_text(target, "old")
    with target.open() as reader:
        write_text(target, "newer")
        assert reader.read() == "old"
    assert read_text(target) == "newer"


def refusal(path: Path) -> Failure:
    with pytest.raises(OSError) as caught:
        path.write_bytes(b"x")
    return explain(caught.value, path)


def test_a_missing_folder_is_a_sentence_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "file"
    assert str(refusal(path)) == f"{path}: no such file or folder; check the path."


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("photso", "photos"), ("photos/baer", "photos/bear"), ("pohtos/bear/1.png", "photos")],
)
def test_a_mistyped_path_is_told_what_lies_there(tmp_path: Path, typed: str, meant: str) -> None:
    (tmp_path / "photos" / "bear").mkdir(parents=True)
    with pytest.raises(OSError) as caught:
        (tmp_path / typed).stat()
    told = f"{tmp_path / typed}: no such file or folder; did you mean {tmp_path / meant}?"
    assert str(explain(caught.value, tmp_path / typed)) == told


def test_a_link_that_leads_nowhere_is_not_offered_in_its_own_place(tmp_path: Path) -> None:
    path = tmp_path / "bear.jpg"
    path.symlink_to("nowhere")
    with pytest.raises(OSError) as caught:
        path.stat()
    told = str(explain(caught.value, path))
    assert told.startswith(f"{path}: ")
    assert "did you mean" not in told


def test_a_file_in_the_place_of_a_folder_is_a_sentence_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "below"
    assert str(refusal(path)) == f"{path}: a file stands where a folder is needed; check the path."


@pytest.mark.skipif(not DEV_FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_says_to_free_space() -> None:
    assert str(refusal(DEV_FULL)).startswith("/dev/full: the disk is full; free some space")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only"),
        (errno.EDQUOT, "quota"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_refusal_names_the_path_and_is_one_sentence(number: int, remedy: str) -> None:
    sentence = str(explain(OSError(number, os.strerror(number)), "/data/bears"))
    assert sentence.startswith("/data/bears: ")
    assert remedy in sentence
    assert sentence.endswith(".")
    assert explain(OSError(number, os.strerror(number)), "/data/bears").exit_status == 1


READ, WRITE, OTHER = "may read it", "you may write to", "the folder it is in"


def test_a_refusal_to_read_asks_for_other_rights_than_one_to_write(tmp_path: Path) -> None:
    for name, mode in (("photo.jpg", 0), ("unlisted", 0o111), ("closed", 0), ("full", 0o555)):
        path = tmp_path / name
        (path.touch if path.suffix else path.mkdir)()
        path.chmod(mode)
    program = """
import os, sys
from pathlib import Path
from bear_tui.files import explain, write_text
here = Path(sys.argv[1])
for act in (
    lambda: (here / "photo.jpg").read_bytes(),
    lambda: os.listdir(here / "unlisted"),
    lambda: write_text(here / "full" / "new", ""),
    lambda: (here / "closed" / "photo.jpg").read_bytes(),
):
    try:
        act()
    except OSError as error:
        print(explain(error, "?"))
"""
    try:
        command = [*as_anyone(), sys.executable, "-c", program, str(tmp_path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        for path in tmp_path.iterdir():
            path.chmod(0o755)
    sentences = said.splitlines()
    assert [
        [words for words in (READ, WRITE, OTHER) if words in sentence] for sentence in sentences
    ] == [[READ], [READ], [WRITE], [OTHER]]
