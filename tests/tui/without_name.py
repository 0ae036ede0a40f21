"""Use the app on a Textual without one private name: `python -m tests.tui.without_name NAME`.

The name is renamed in the source of Textual as it is imported, as a later version may do. Without
NAME the app runs on the installed Textual.
"""

import asyncio
import importlib.abc
import importlib.machinery
import re
import sys
from collections.abc import Sequence
from types import ModuleType

NAME = sys.argv[1] if len(sys.argv) > 1 else ""
MODULE, _, PATH = NAME.partition(":")
_WORD = re.compile(rb"(?<!textual\.)(?<!drivers\.)\b" + PATH.rpartition(".")[2].encode() + rb"\b")


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> object:  # type: ignore[override]
        source = self.get_data(self.get_filename(fullname))
        if not _WORD.search(source):
            return super().get_code(fullname)
        renamed = _WORD.sub(lambda word: word.group() + b"_of_later", source)
        return compile(renamed, self.get_filename(fullname), "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not name.startswith("textual"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(name, spec.loader.path)
        return spec


async def _use_app() -> None:
    from bear_tui.tui.app import BearApp
    from bear_tui.tui.toolkit.idle_work import mount_next
    from bear_tui.tui.toolkit.private_names import missing, part_of

    assert (NAME in missing(part_of(NAME))) if NAME else True, f"{NAME} is still there"
    app = BearApp()
    async with app.run_test(size=(100, 30)) as pilot:
        mount_next(app)
        await pilot.press("2", "3", "5", "question_mark", "escape", "ctrl+p", "escape", "4", "1")
        app.say("It works.")
        await pilot.press("ctrl+l", "tab", "j")
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.1)
        assert app.current_mode == "dataset"
    print("ended well")


if __name__ == "__main__":
    if NAME:
        sys.meta_path.insert(0, _Finder())
    asyncio.run(_use_app())
