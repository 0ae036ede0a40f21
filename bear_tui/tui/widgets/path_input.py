"""A field for a path, with completion as in a shell."""

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input

from bear_tui import paths
from bear_tui.text import safe, safe_in_place

_MOST_LOOKED_AT = 20_000
"""Names read from one folder; in a larger one completion may miss some, but never hangs."""


def completions(text: str, folders_only: bool = True) -> list[str]:
    """Return the paths that `text` may become, by name, folders with a slash at the end.

    `~` stays as typed. Hidden paths are offered only after a dot.
    """
    folder, beginning = os.path.split(text)
    if text == "~":
        return ["~/"]
    paths: list[tuple[str, bool]] = []
    try:
        where = Path(os.path.expanduser(folder))  # noqa: PTH111 - raises nothing
        with os.scandir(where) as scan:
            for number, entry in enumerate(scan):
                if number >= _MOST_LOOKED_AT:
                    break
                if not entry.name.startswith(beginning):
                    continue
                if entry.name.startswith(".") and not beginning.startswith("."):
                    continue
                is_folder = _is_folder(entry)
                if is_folder or not folders_only:
                    paths.append((entry.name, is_folder))
    except (OSError, ValueError, RuntimeError):
        # Nothing to complete: no such folder, no permission, no such user behind `~`.
        return []
    return [
        os.path.join(folder, name) + ("/" if is_folder else "")  # noqa: PTH118 - `~` stays
        for name, is_folder in sorted(paths)
    ]


def completed(text: str, found: Sequence[str]) -> str:
    """Return `text` as far as all of `found` agree."""
    # Letter by letter on purpose, as a shell does; whole folder names would be too coarse.
    return os.path.commonprefix(list(found)) if found else text  # noqa: RUF071


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


class _Paths(Suggester):
    def __init__(self, find: Callable[[str], list[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._find = find

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first completion, if it can be shown beside what was typed."""
        completion_list = self._find(value)
        return (
            completion_list[0]
            if completion_list
            and safe(completion_list[0], len(completion_list[0])) == completion_list[0]
            else None
        )


class _InPlace(Highlighter):
    """Draw text safely, character by character, so that the cursor stays where it is."""

    def highlight(self, text: Text) -> None:
        """Replace in `text` what would do harm."""
        text.plain = safe_in_place(text.plain)


class SafeInput(Input):
    """A field for foreign text: it shows what is pasted or completed, and does nothing else with
    it.
    """

    def __init__(self, **options: Any) -> None:
        # No path is longer. A book pasted by mistake is refused; drawing it would make keys wait.
        super().__init__(max_length=4096, highlighter=_InPlace(), **options)

    def action_copy(self) -> None:
        """Copy the selected text as shown: a byte that is no text would end the app."""
        if not self.selected_text:
            raise SkipAction
        self.app.copy_to_clipboard("".join(safe(character) for character in self.selected_text))


class PathInput(SafeInput):
    """Tab completes as far as is clear, right takes the suggestion; tab again leaves the field."""

    BINDINGS: ClassVar = [Binding("tab", "complete", "complete", show=False)]

    def __init__(
        self, *, folders_only: bool = True, after_equals: bool = False, **options: Any
    ) -> None:
        """With `after_equals`, the path follows a name: `bear=~/photos/bears`."""
        super().__init__(suggester=_Paths(self._find), **options)
        self._folders_only = folders_only
        self._after_equals = after_equals

    def _find(self, text: str) -> list[str]:
        name, equals, path = text.partition("=") if self._after_equals else ("", "", text)
        if not path.strip() or (self._after_equals and not equals):
            return []
        return [
            f"{name}{equals}{completion}" for completion in completions(path, self._folders_only)
        ]

    def on_paste(self, event: events.Paste) -> None:
        """Turn pasted text into plain paths before Textual inserts it."""
        several = paths.pasted(event.text)
        event.text = " ".join(map(shlex.quote, several)) if len(several) > 1 else "".join(several)

    async def action_submit(self) -> None:
        """Submit; with several paths in the field, say which one is taken."""
        several = paths.pasted(self.value.partition("=")[2] if self._after_equals else self.value)
        if len(several) > 1:
            first = safe(paths.short(several[0]), 200)
            self.notify(f"{len(several)} paths: the first is taken, {first}", markup=False)
        await super().action_submit()

    def action_complete(self) -> None:
        """Complete the path; if nothing can be added, leave the field."""
        completion_list = self._find(self.value)
        longer = completed(self.value, completion_list)
        if len(longer) > len(self.value):
            self.value = longer
            self.cursor_position = len(longer)
        elif len(completion_list) < 2:
            self.screen.focus_next()
