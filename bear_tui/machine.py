"""CPUs and memory that this process may use, within the limits of its container.

Linux limits containers, cluster jobs and systemd units by control groups, of two versions:
https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html there. Processes that
torchrun starts on one computer share its CPUs and memory.
"""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bear_tui import torchrun
from bear_tui.errors import BadInput

_ROOT = Path("/")


def cpus(root: Path = _ROOT) -> int:
    """Return how many threads can work at a time; a quota is rounded up."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quotas = (quota for group in _groups(root, "cpu") if (quota := _quota(group)))
    return max(1, min([own or 1, *map(math.ceil, quotas)]) // _beside())


def free_memory(root: Path = _ROOT) -> int:
    """Return the bytes that can be allocated without swapping."""
    left = (room for group in _groups(root, "memory") if (room := _room(group)) is not None)
    return min([_of_the_computer(root), *left]) // _beside()


def _beside() -> int:
    """Return the number of processes of one training on this computer."""
    with contextlib.suppress(BadInput):  # the training reports it
        group = torchrun.group()
        return group.local_size if group else 1
    return 1


def _of_the_computer(root: Path) -> int:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's control group and its parents: each may limit it.

    In a container that sees its own group as the root, the folder of the full name is missing.
    """
    mounted = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = mounted / controller if controllers else mounted
        path = PurePosixPath(name)
        for group in (path, *path.parents):
            if ".." not in group.parts:
                yield top.joinpath(*group.parts[1:])


def _quota(group: Path) -> float | None:
    """Return how many CPUs a group may use; None if it is not limited."""
    text = _text(group / "cpu.max") or " ".join(
        _text(group / f"cpu.cfs_{name}_us") for name in ("quota", "period")
    )
    quota, period = _number(text.partition(" ")[0]), _number(text.partition(" ")[2])
    return quota / period if quota and period and quota > 0 else None


def _room(group: Path) -> int | None:
    """Return how many bytes a group may still allocate; None if it is not limited."""
    for most, now, cache in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        limit, used = _number(_text(group / most)), _number(_text(group / now))
        if limit is not None and used is not None:
            # The page cache counts as used, but is freed when memory is needed.
            lines = _text(group / "memory.stat").splitlines()
            counts = dict(line.partition(" ")[::2] for line in lines)
            return max(0, limit - max(0, used - (_number(counts.get(cache, "")) or 0)))
    return None


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:  # "max", or no such file
        return None


def _text(file: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return file.read_text("utf-8").strip()
    return ""
