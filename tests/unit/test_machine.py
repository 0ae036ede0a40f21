"""What a process may use where a control group limits it, told by files like the kernel's."""

import os
from pathlib import Path

import pytest

from bear_tui import machine

GIB = 2**30


def write(root: Path, **files: str) -> Path:
    """`files` by path, `/` written as `__` and `.` as `_dot_`."""
    for name, text in {"proc__meminfo": f"MemAvailable: {8 * GIB // 1024} kB", **files}.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


@pytest.fixture(autouse=True)
def _eight_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the process was not bound to fewer."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)


def test_without_control_groups_all_of_the_computer_is_there(tmp_path: Path) -> None:
    assert machine.free_memory(write(tmp_path)) == 8 * GIB
    assert machine.cpus(tmp_path) == 8


def test_the_narrowest_group_of_version_2_decides_and_files_once_read_make_room(
    tmp_path: Path,
) -> None:
    inner = "sys__fs__cgroup__jobs__mine__memory_dot_"
    root = write(
        tmp_path,
        proc__self__cgroup="0::/jobs/mine",
        **{
            f"{inner}max": "max",
            f"{inner}current": str(GIB),
            "sys__fs__cgroup__jobs__memory_dot_max": str(3 * GIB),
            "sys__fs__cgroup__jobs__memory_dot_current": str(2 * GIB),
            "sys__fs__cgroup__jobs__memory_dot_stat": f"anon 5\ninactive_file {GIB}",
        },
    )
    assert machine.free_memory(root) == 2 * GIB
    full = {f"{inner}max": str(GIB // 2)}
    assert machine.free_memory(write(root, **full)) == 0


def test_a_container_of_version_1_sees_its_own_group_as_the_topmost(tmp_path: Path) -> None:
    top = "sys__fs__cgroup__memory__memory_dot_"
    root = write(
        tmp_path,
        proc__self__cgroup="4:memory:/docker/1f3\n1:cpu,cpuacct:/docker/1f3",
        **{
            f"{top}limit_in_bytes": str(4 * GIB),
            f"{top}usage_in_bytes": str(GIB),
            f"{top}stat": "inactive_file 7\ntotal_inactive_file 0",
            "sys__fs__cgroup__cpu__cpu_dot_cfs_quota_us": "100000",
            "sys__fs__cgroup__cpu__cpu_dot_cfs_period_us": "100000",
        },
    )
    assert machine.free_memory(root) == 3 * GIB
    assert machine.cpus(root) == 1


@pytest.mark.parametrize(("quota", "cpus"), [("50000", 1), ("150000", 2), ("max", 8)])
def test_a_quota_of_cpus_limits_threads(quota: str, cpus: int, tmp_path: Path) -> None:
    root = write(
        tmp_path, proc__self__cgroup="0::/", sys__fs__cgroup__cpu_dot_max=f"{quota} 100000"
    )
    assert machine.cpus(root) == cpus


def test_processes_of_one_training_share_the_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert machine.cpus(tmp_path) == 8, "said by something else than torchrun"
    for name, value in (("RANK", "5"), ("WORLD_SIZE", "8"), ("MASTER_PORT", "29500")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MASTER_ADDR", "gpu3")
    assert machine.free_memory(write(tmp_path)) == 2 * GIB
    assert machine.cpus(tmp_path) == 2
