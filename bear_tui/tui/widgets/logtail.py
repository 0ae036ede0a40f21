"""The end of a log file as lines that do a terminal no harm."""

from pathlib import Path

from textual.content import Content

from bear_tui.text import safe

_BYTES = 16 * 1024


def read_tail(path: Path, size: int = _BYTES) -> Content:
    """The last lines of `path`, and where it lies."""
    try:
        with path.open("rb") as file:
            length = file.seek(0, 2)
            file.seek(max(0, length - size))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        text = ""
    lines = text.splitlines()
    if len(text.encode()) >= size:
        # The first line was most likely cut.
        lines = lines[1:]
    shown = [safe(line, 400) for line in lines] or ["Nothing is in the log yet."]
    return Content.assemble((f"{safe(path)}\n", "$muted"), "\n".join(shown))
