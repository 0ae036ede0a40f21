"""Textual's private names that this folder uses, and whether the installed Textual has them."""

import importlib
import os
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

PLAIN = "BEAR_TUI_PLAIN"
"""Set this variable to 1 to run the app on stock Textual, without any part listed here."""


@dataclass(frozen=True)
class Part:
    """One replacement of stock behaviour, and the private names it stands on."""

    why: str
    names: tuple[str, ...]
    """`module:Class.name`, or `module:name` for what is imported from a private module."""


PARTS = {
    "key_queue": Part(
        "Keys that arrive together are handled one after the other.",
        (
            "textual.app:App._batch_count",
            "textual.app:App._begin_batch",
            "textual.app:App._end_batch",
            "textual.message_pump:MessagePump._message_queue",
        ),
    ),
    "palette": Part(
        "The command palette survives being closed while it searches.",
        (
            "textual.command:CommandPalette._GATHER_COMMANDS_GROUP",
            "textual.command:CommandPalette._gather_commands",
        ),
    ),
    "driver": Part(
        "The app ends when the terminal is gone, and keeps running after a key that is not UTF-8.",
        (
            "textual._xterm_parser:XTermParser",
            "textual.driver:Driver._app",
            "textual.driver:Driver._auto_restart",
            "textual.driver:Driver._debug",
            "textual.drivers.linux_driver:LinuxDriver._must_signal_resume",
            "textual.drivers.linux_driver:LinuxDriver._file",
            "textual.drivers.linux_driver:LinuxDriver._get_terminal_size",
            "textual.drivers.linux_driver:LinuxDriver._in_band_window_resize",
            "textual.drivers.linux_driver:LinuxDriver._sigcont_application",
            "textual.drivers.linux_driver:LinuxDriver._sigtstp_application",
            "textual.drivers.linux_driver:LinuxDriver._writer_thread",
        ),
    ),
    "frame_pacing": Part(
        "One frame is on its way at a time, and holds only cells that changed.",
        (
            "textual._compositor:ChopsUpdate",
            "textual._compositor:CompositorUpdate",
            "textual._compositor:LayoutUpdate",
            "textual.app:App._display",
            "textual.app:App._driver",
        ),
    ),
    "crash": Part(
        "A screen that breaks goes to the log, and the training goes on.",
        ("textual.app:App._exit", "textual.app:App._handle_exception"),
    ),
    "mount_ahead": Part(
        "Screens are mounted before they are asked for.", ("textual.app:App._init_mode",)
    ),
    "stylesheet": Part(
        "Each style sheet is parsed once for a theme.",
        ("textual.css.stylesheet:Stylesheet._parse_cache",),
    ),
    "screen": Part(
        "A screen is laid out only where its size has changed, and not drawn inside a batch.",
        (
            "textual.screen:Screen._compositor",
            "textual.screen:Screen._compositor_refresh",
            "textual.screen:Screen._screen_resized",
        ),
    ),
    "bindings": Part(
        "A widget may have a key that others of its class do not have.",
        ("textual.dom:DOMNode._bindings",),
    ),
    "notices": Part(
        "Few notices at a time, equal ones once.",
        ("textual.app:App._notifications", "textual.app:App._unnotify"),
    ),
}


def active(part: str) -> bool:
    """Return whether a part replaces stock Textual: not in plain mode, and all its names exist."""
    return os.environ.get(PLAIN, "0") in ("", "0") and not missing(part)


@cache
def missing(part: str) -> tuple[str, ...]:
    """Return the private names of a part that the installed Textual lacks."""
    return tuple(name for name in PARTS[part].names if not exists(name))


def exists(name: str) -> bool:
    """Check one entry of the list against the installed Textual."""
    module_name, _, path = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError:
        return False
    owner, _, attribute = path.rpartition(".")
    if not owner:
        return hasattr(module, attribute)
    cls = getattr(module, owner, None)
    return cls is not None and (hasattr(cls, attribute) or _is_set_by_init(cls, attribute))


def _is_set_by_init(cls: type[Any], attribute: str) -> bool:
    """Return whether a constructor mentions the attribute: instances have it, the class has not."""
    constructors = (vars(base).get("__init__") for base in cls.__mro__)
    return any(
        isinstance(init, FunctionType) and attribute in init.__code__.co_names
        for init in constructors
    )


def part_of(name: str) -> str:
    """Return the part that a listed name belongs to."""
    return next(key for key, part in PARTS.items() if name in part.names)
