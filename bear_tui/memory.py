"""How this process takes memory from the system and gives it back."""

import contextlib
import ctypes

# Of glibc's <malloc.h>.
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
_LARGEST = 2**31 - 1


def keep_freed() -> None:
    """Let memory that was freed stay here for the next to ask, where the C library is glibc.

    What a layer makes is large, and glibc gives large blocks back to the system at once: the next
    layer takes them anew, a page fault for every 4 KiB. Training MobileNetV2 on a CPU takes half
    the time without that. A thread's own arena holds no block over 64 MiB, so all share one, and
    this is to be called before threads are started.
    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _LARGEST)
        mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what is free now."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
