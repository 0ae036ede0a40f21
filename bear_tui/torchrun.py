"""The variables that `torchrun` sets for each process it starts.

Other programs set some of them too, so they count only together.
https://docs.pytorch.org/docs/stable/elastic/run.html#environment-variables
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from bear_tui.errors import BadInput

_NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Group:
    """The processes that train one model together, two or more."""

    rank: int
    """The number of this process, from 0."""
    size: int
    address: str
    """Where the first process listens, `HOST:PORT`."""
    local_rank: int | None = None
    """The number of this process on its machine; None if unknown."""
    local_size: int = 1

    def __str__(self) -> str:
        return f"process {self.rank} of {self.size} (RANK={self.rank}, WORLD_SIZE={self.size})"


def group(variables: Mapping[str, str] | None = None) -> Group | None:
    """Return the group that this process belongs to; None if it trains alone.

    Raises BadInput if all variables are set but contradict each other.
    """
    given = _given(variables)
    if any(name not in given for name in _NEEDED):
        return None
    size = _number(given, "WORLD_SIZE", 1, 1_000_000)
    rank = _number(given, "RANK", 0, size - 1)
    port = _number(given, "MASTER_PORT", 1, 65_535)
    if size == 1:
        return None
    local_size = _number(given, "LOCAL_WORLD_SIZE", 1, size) if "LOCAL_WORLD_SIZE" in given else 1
    most = (local_size if "LOCAL_WORLD_SIZE" in given else size) - 1
    local_rank = _number(given, "LOCAL_RANK", 0, most) if "LOCAL_RANK" in given else None
    return Group(rank, size, f"{given['MASTER_ADDR']}:{port}", local_rank, local_size)


def half_given(variables: Mapping[str, str] | None = None) -> str:
    """Return a warning if some variables name several processes and others are missing, else ""."""
    given = _given(variables)
    missing = [name for name in _NEEDED if name not in given]
    alone = given.get("RANK", "0") == "0" and given.get("WORLD_SIZE", "1") == "1"
    if alone or not missing:
        return ""
    there = ", ".join(f"{name}={given[name]}" for name in _NEEDED if name in given)
    return (
        f"{there} without {', '.join(missing)}: ignored, this process trains alone. `torchrun` "
        "sets all of them."
    )


def _given(variables: Mapping[str, str] | None) -> dict[str, str]:
    known = (*_NEEDED, "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    values = os.environ if variables is None else variables
    return {name: value for name in known if (value := values.get(name, "").strip())}


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = given[name]
    if text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most:
        return int(text)
    raise BadInput(
        f"{name}={text}: a number from {least} to {most} is needed; start the training with "
        "`torchrun`, or unset RANK and WORLD_SIZE to train in one process."
    )
