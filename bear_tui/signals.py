"""The signals that ask for an end, and when a handler must not raise."""

import signal
from types import FrameType

ENDING = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    # Slurm sends one before the time is up if the job asks for it, and the system at `ulimit -t`.
    signal.SIGUSR1: "stopped by SIGUSR1",
    signal.SIGUSR2: "stopped by SIGUSR2",
    signal.SIGXCPU: "stopped by SIGXCPU",
}
"""Each with the reason recorded for a run that it stops."""


def importing(frame: FrameType | None) -> bool:
    """Return whether a module is being imported: an exception in it may reach C++ code, which
    aborts the process, or look like a broken module."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
