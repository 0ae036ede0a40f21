"""Progress as text: a bar, a share, a time."""

from textual.content import Content


def meter(share: float, width: int) -> Content:
    """Return `━━━━╸─────  63%` in exactly `width` columns."""
    share = min(1.0, max(0.0, share))
    length = max(1, width - 5)
    halves = round(share * length * 2)
    full, half = divmod(halves, 2)
    bar = "━" * full + "╸" * half
    rest = "─" * (length - full - half)
    return Content.assemble((bar, "$primary"), (rest, "$muted"), f" {share:4.0%}")


def duration(seconds: float | None) -> str:
    """Return `0:42`, `12:05`, `3 h 07 min`, `2 d 4 h`; `–` for None."""
    if seconds is None or seconds != seconds or seconds == float("inf"):
        return "–"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{rest:02d}"


def bar(share: float, width: int) -> str:
    """Return a line in half columns; a share above 0 is never empty."""
    halves = round(share * width * 2)
    if share > 0 and width:
        halves = max(1, halves)
    full, half = divmod(halves, 2)
    return "━" * full + "╸" * half
