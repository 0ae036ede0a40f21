"""What the computer refuses for a moment is read a moment later; what is wrong for good at once."""

import contextlib
import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from bear_tui.data.patience import Patience
from bear_tui.data.photos.photo import PhotoError, load

_FEW_FILES = """
import os, resource, sys, threading, time
from pathlib import Path
from bear_tui.data.digest import sha256_of
from bear_tui.data.photos.photo import load, read_photo
from bear_tui.data.folders.scan import is_photo

photo = Path(sys.argv[1])
read_photo(photo)  # Pillow's own files are open once and for all
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
no_ending = photo.with_name("photo")
photo.rename(no_ending)
photo = no_ending
asks = (lambda: load(photo).size, lambda: len(sha256_of(photo)), lambda: is_photo(photo, "photo"))
for read in asks:
    held = []
    while True:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            break
    threading.Timer(0.15, lambda: [os.close(one) for one in held]).start()
    print(read())
    time.sleep(0.1)
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (30, 20), "red").save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_a_photo_is_read_once_other_files_are_closed(photo: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FEW_FILES, photo], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["(30, 20)", "64", "True"]


def test_a_photo_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    start = time.monotonic()
    for number in range(20):
        with pytest.raises(PhotoError, match="no such file"):
            load(tmp_path / f"{number}.jpg")
    assert time.monotonic() - start < 0.5


class Disk:
    """Refuses some times."""

    def __init__(self, refusals: int, number: int = errno.EIO) -> None:
        self.left = refusals
        self.number = number
        self.asked = 0

    def read(self) -> str:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise OSError(self.number, os.strerror(self.number))
        return "photo"


@pytest.mark.parametrize("name", ["EIO", "ESTALE", "ETIMEDOUT", "EAGAIN", "EMFILE", "ENFILE"])
def test_an_error_that_passes_is_outlasted_with_growing_pauses(name: str) -> None:
    pauses: list[float] = []
    disk = Disk(3, getattr(errno, name))
    assert Patience(pauses.append).read(disk.read) == "photo"
    assert pauses == sorted(pauses)
    assert len(pauses) == 3
    assert sum(pauses) < 1


@pytest.mark.parametrize("name", ["ENOENT", "EACCES", "EISDIR", "ENAMETOOLONG"])
def test_an_error_that_stays_is_told_at_once(name: str) -> None:
    disk = Disk(1, getattr(errno, name))
    pauses: list[float] = []
    with pytest.raises(OSError, match=os.strerror(disk.number)):
        Patience(pauses.append).read(disk.read)
    assert (disk.asked, pauses) == (1, [])


class Clock:
    """Time that passes while somebody waits."""

    def __init__(self) -> None:
        self.now = self.waited = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds


def test_a_disk_that_is_away_is_not_waited_for_at_every_photo() -> None:
    clock = Clock()
    patience = Patience(clock.sleep, lambda: clock.now)
    for _ in range(1000):
        with pytest.raises(OSError, match="rror"):
            patience.read(Disk(100).read)
    assert clock.waited < 20
    clock.now += 60
    assert patience.read(Disk(0).read) == "photo"
    assert patience.read(Disk(3).read) == "photo", "it is back: waiting helps again"


@pytest.mark.parametrize("every", [2, 5, 100])
def test_a_disk_on_which_every_so_many_files_fail_is_waited_for_a_tenth_of_the_time(
    every: int,
) -> None:
    clock = Clock()
    patience = Patience(clock.sleep, lambda: clock.now)
    refused = 0
    for number in range(100_000):
        clock.now += 0.001  # reading
        if number % every:
            assert patience.read(Disk(0).read) == "photo"
        else:
            with pytest.raises(OSError, match="rror"):
                patience.read(Disk(100).read)
            refused += 1
    assert refused == 100_000 // every
    assert clock.waited < 10 + 0.1 * clock.now
    assert clock.now < 125, "100 s of reading"


def test_many_threads_wait_no_longer_together() -> None:
    pauses: list[float] = []
    patience = Patience(pauses.append)

    def fail() -> None:
        for _ in range(20):
            with contextlib.suppress(OSError):
                patience.read(Disk(100).read)

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 9 < sum(pauses) < 11
