"""File systems that cannot lock, sync folders or change modes, and one that fails once."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bear_tui
from bear_tui.run.folder import RunFolder
from tests.unit.data.photo_files import write_classes

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>

static int wanted(const char *name) {
    const char *value = getenv(name);
    return value ? atoi(value) : 0;
}

static int refused(int number) { errno = number; return -1; }

int flock(int handle, int operation) {
    int number = wanted("ODD_FLOCK");
    int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");
    return number ? refused(number) : real(handle, operation);
}

int fchmod(int handle, mode_t mode) {
    int (*real)(int, mode_t) = dlsym(RTLD_NEXT, "fchmod");
    return wanted("ODD_CHMOD") ? refused(EPERM) : real(handle, mode);
}

int fsync(int handle) {
    static int failed = 0;
    struct stat status;
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    if (fstat(handle, &status) == 0 && S_ISDIR(status.st_mode)) {
        int number = wanted("ODD_FOLDER");
        return number ? refused(number) : real(handle);
    }
    if (wanted("ODD_ONCE") && !failed++) return refused(EIO);
    if (wanted("ODD_ALWAYS")) return refused(EIO);
    return real(handle);
}
"""
TRAIN = ("--model", "mlp", "--image-size", "8", "--epochs", "2", "--device", "cpu")


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and a C compiler")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "odd.c").write_text(SHIM)
    command = [compiler, "-shared", "-fPIC", "-o", "odd.so", "odd.c", "-ldl"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "odd.so"


def odd(shim: Path, how: dict[str, int], *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **{name: str(number) for name, number in how.items()}}
    environment |= {"LD_PRELOAD": str(shim)}
    environment["PYTHONPATH"] = str(Path(bear_tui.__file__).parents[1])
    command = [sys.executable, "-m", "bear_tui", *map(str, arguments)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=180
    )


@pytest.mark.parametrize(
    ("flock", "folder"),
    [
        (errno.ENOLCK, errno.EINVAL),
        pytest.param(errno.EOPNOTSUPP, errno.ENOTSUP, marks=pytest.mark.slow),
        pytest.param(errno.ENOSYS, errno.EACCES, marks=pytest.mark.slow),
    ],
    ids=["ENOLCK", "EOPNOTSUPP", "ENOSYS"],
)
def test_prepare_train_and_export_work_and_say_once_what_is_weaker(
    flock: int, folder: int, shim: Path, tmp_path: Path
) -> None:
    photos = write_classes(tmp_path / "photos", {"bear": 16, "cat": 16})
    how = {"ODD_FLOCK": flock, "ODD_FOLDER": folder, "ODD_CHMOD": 1, "ODD_ONCE": 1}
    out, runs = tmp_path / "prepared", tmp_path / "runs"
    prepared = odd(shim, how, "prepare", photos, "--out", out, "--size", 64)
    assert prepared.returncode == 0, prepared.stderr
    trained = odd(shim, how, "train", "--data", out, *TRAIN, "--runs", runs)
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr.count("its file system has no locks") == 1, trained.stderr
    assert trained.stderr.count("its file system cannot sync folders") == 1, trained.stderr
    (run,) = (RunFolder(path) for path in runs.iterdir() if path.name[0] != ".")
    assert run.state().status == "completed"
    assert not run.being_trained()
    resumed = odd(shim, how, "resume", "last", "--epochs", 3, "--runs", runs)
    assert resumed.returncode == 0, resumed.stderr
    kept = tmp_path / "model.safetensors"
    written = odd(shim, how, "export", "last", "--to", "safetensors", "--out", kept, "--runs", runs)
    assert written.returncode == 0, written.stderr
    assert kept.is_file()
    stopped = odd(shim, how, "stop", "last", "--runs", runs)
    assert stopped.returncode == 2
    assert "no process trains it; it is completed" in stopped.stderr


def test_a_second_trainer_is_refused_where_the_disk_has_no_locks(
    shim: Path, tmp_path: Path
) -> None:
    photos = write_classes(tmp_path / "photos", {"bear": 16, "cat": 16})
    how = {"ODD_FLOCK": errno.ENOLCK}
    assert not odd(shim, how, "train", "--data", photos, *TRAIN, "--runs", tmp_path).returncode
    (run,) = (RunFolder(path.parent) for path in tmp_path.glob("*/recipe.toml"))
    told = '{"pid": %d, "host": "%s", "started": 1.0, "waiting": "", "ended": false}'
    run.lock_file.write_text(told % (os.getpid(), os.uname().nodename))
    again = odd(shim, how, "resume", "last", "--epochs", 5, "--runs", tmp_path)
    assert again.returncode == 1
    assert f"process {os.getpid()} on" in again.stderr
    run.lock_file.write_text(told % (2**22 + 1, os.uname().nodename))
    again = odd(shim, how, "resume", "last", "--epochs", 3, "--runs", tmp_path)
    assert again.returncode == 0, "its process is gone: " + again.stderr
    run.checkpoints.rename(tmp_path / "elsewhere")
    run.checkpoints.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / ".mine.part").touch()
    again = odd(shim, {}, "resume", "last", "--epochs", 5, "--runs", tmp_path)
    assert again.returncode == 1
    assert f"{run.checkpoints}: a link stands where a file or folder is needed" in again.stderr
    assert (tmp_path / "elsewhere" / ".mine.part").exists()


def test_a_disk_that_goes_on_failing_ends_the_training_with_a_sentence(
    shim: Path, tmp_path: Path
) -> None:
    photos = write_classes(tmp_path / "photos", {"bear": 16, "cat": 16})
    how = {"ODD_ALWAYS": 1}
    done = odd(shim, how, "train", "--data", photos, *TRAIN, "--runs", tmp_path / "runs")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Input/output error" in done.stderr
