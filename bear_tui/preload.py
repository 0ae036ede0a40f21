"""Load the C++ libraries of torch without blocking Python."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from os.path import isfile  # unlike Path.is_file, raises nothing
from pathlib import Path

_LIBRARIES = (
    # With its symbols global, as torch loads it.
    ("torch", "lib/libtorch_global_deps.so", os.RTLD_GLOBAL),
    ("torch", "lib/libtorch_python.so", 0),
    ("triton", "_C/libtriton.so", 0),
)


def load_libraries() -> None:
    """Load the libraries that exist; the import will report what is wrong with them.

    An import holds the GIL while it loads a library, which delays a key by 0.3 s. A call of
    `dlopen` through ctypes releases it; the import then finds the libraries loaded.
    https://docs.python.org/3/library/ctypes.html#ctypes.CDLL
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
        for file, mode in _found():
            dlopen(os.fsencode(file), os.RTLD_NOW | mode)


def _found() -> Iterator[tuple[Path, int]]:
    for package, name, mode in _LIBRARIES:
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            if isfile(file := Path(folder, name)):  # noqa: PTH113
                yield file, mode
