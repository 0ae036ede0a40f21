"""Python imports this at its start where PYTHONPATH names this folder: a fence around the process.

Whatever it would write, move or remove outside `MONKEY_FENCE` is refused as a disk would refuse it,
and so is every connection but to this machine itself.
"""

# Without pathlib, which is what it looks at.
# ruff: noqa: PTH115, PTH117, PTH118, PTH119, PTH120, PTH123

import errno
import os
import signal
import sys
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TARGETS = {
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
}
"""Of each audit event: where among its arguments a path stands, and the folder it is seen from."""
_FENCE = os.path.realpath(os.environ["MONKEY_FENCE"])


def _refuse_outside(path: Any, folder: int | None) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return  # a descriptor: its file was opened, so it is inside
    name = os.fsdecode(path)
    if folder is not None and folder >= 0 and not os.path.isabs(name):
        name = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name)
    place = os.path.join(os.path.realpath(os.path.dirname(name) or "."), os.path.basename(name))
    if os.path.commonpath((place, _FENCE)) != _FENCE and not place.startswith("/dev/"):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        if arguments[2] & _WRITES:
            _refuse_outside(arguments[0], None)
    elif event in _TARGETS:
        for path, folder in _TARGETS[event]:
            _refuse_outside(arguments[path], None if folder is None else arguments[folder])
    elif event == "socket.getaddrinfo" and arguments[0] not in ("localhost", "127.0.0.1"):
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


def _tell_app(file: Any) -> None:
    """Which screens lie over each other, where the keyboard is, and which keys wait."""
    import gc

    from textual.app import App

    app = next((one for one in gc.get_objects() if isinstance(one, App)), None)
    names = ("screen_stack", "current_mode", "focused", "size", "_batch_count", "_held")
    for name in (*names, "keys_wait", "_typed", "_turn", "_unpainted", "_exit", "_closing"):
        print(name, repr(getattr(app, name, None)), file=file)


def _tell_where(*_: object) -> None:
    """What every thread does, and what every task of the loop waits for."""
    import asyncio
    import faulthandler

    with open(os.path.join(_FENCE, "where.txt"), "a") as file:
        faulthandler.dump_traceback(file)
        _tell_app(file)
        for task in asyncio.all_tasks():
            print(f"\n{task.get_name()}", file=file)
            waits: Any = task.get_coro()
            while frame := getattr(waits, "cr_frame", None):
                code = frame.f_code
                print(f"  {code.co_filename}:{frame.f_lineno} {code.co_qualname}", file=file)
                waits = waits.cr_await


sys.addaudithook(_guard)
signal.signal(signal.SIGQUIT, _tell_where)
