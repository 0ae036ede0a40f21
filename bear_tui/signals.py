"""The signals that ask for an end, and where an exception may be raised for one."""

import signal
from types import FrameType

ENDING = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    # What Slurm sends before the time is up, as its job asked for, and the system at `ulimit -t`.
    signal.SIGUSR1: "stopped by SIGUSR1",
    signal.SIGUSR2: "stopped by SIGUSR2",
    signal.SIGXCPU: "stopped by SIGXCPU",
}
"""Each with the reason of a run that it has stopped."""


def importing(frame: FrameType | None) -> bool:
    """Return True while a module is being loaded: an exception in it may reach C++ code, which
    ends the process by abort(), or be taken for a module that is broken."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
