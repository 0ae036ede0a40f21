"""Refusals by `ulimit` or the computer, as sentences: memory, threads, processes."""

import errno
import mmap
import resource
import threading
from importlib.util import find_spec
from pathlib import Path

from bear_tui import files, machine
from bear_tui.errors import Failure

_MB = 1024 * 1024


def require(torch: bool) -> None:
    """Raise Failure if numpy, or `torch` as well, cannot be loaded within the limits.

    numpy starts a thread with a buffer for each CPU; torch's libraries take gigabytes of address
    space. Without them, C code aborts the process, so this is tried first.
    """
    cpus = machine.cpus()
    if 0 <= resource.getrlimit(resource.RLIMIT_NPROC)[0] < _MANY:
        _try_threads(cpus + _BESIDE)
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        try:
            mmap.mmap(-1, _addresses(torch, cpus) * _MB).close()
        except OSError:
            raise Failure(_no_memory()) from None
        import numpy  # noqa: F401  # before torch, which leaves too little memory for it


def _addresses(torch: bool, cpus: int) -> int:
    """Return the MB of address space that loading takes, which `ulimit -v` counts."""
    if not torch:
        return 256 + 64 * cpus
    spec = find_spec("torch")
    places = (spec and spec.submodule_search_locations) or ()
    cuda = any(files.is_file(Path(place, "lib", "libtorch_cuda.so")) for place in places)
    return 3500 if cuda else 1200  # measured with torch 2.15: 3,485 with CUDA


_MANY = 4096
"""Threads and processes of a user; a lower limit was set by somebody."""

_BESIDE = 6
"""Threads that a training needs besides numpy's: photo readers, saver, screen."""


def _try_threads(count: int) -> None:
    over = threading.Event()
    threads = [threading.Thread(target=over.wait, daemon=True) for _ in range(count)]
    begun = []
    try:
        for thread in threads:
            thread.start()
            begun.append(thread)
    except RuntimeError as error:
        raise Failure(sentence(error)) from None
    finally:
        over.set()
        for thread in begun:
            thread.join()


def sentence(error: BaseException) -> str:
    """Return what an error means and what to do if a limit caused it, else ""."""
    words = str(error)
    if "can't start new thread" in words or getattr(error, "errno", 0) == errno.EAGAIN:
        most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
        allowed = f": `ulimit -u` allows {most:,}" if most != resource.RLIM_INFINITY else ""
        return f"no more threads or processes can be started{allowed}; raise it, or end others."
    if isinstance(error, MemoryError) or getattr(error, "errno", 0) == errno.ENOMEM:
        return _no_memory()
    return _no_memory() if any(sign in words for sign in _OF_MEMORY) else ""


_OF_MEMORY = (
    *("failed to map segment", "Cannot allocate memory", "cannot allocate memory"),
    *("DefaultCPUAllocator: can't allocate", "DefaultCPUAllocator: not enough", "bad_alloc"),
)
"""Parts of messages of the dynamic linker, the system, torch and C++."""


def _no_memory() -> str:
    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    if most == resource.RLIM_INFINITY:
        return "the computer's memory ran out; end other programs, or take smaller batches."
    return (
        f"the memory ran out: `ulimit -v` allows {most / 1e6:,.0f} MB; raise it, or remove it "
        "with `ulimit -v unlimited`."
    )
