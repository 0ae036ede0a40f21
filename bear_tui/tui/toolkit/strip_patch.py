"""Lines that are drawn cost what they need, and are freed as soon as nothing shows them.

Thousands are drawn a second while keys are pressed.
"""

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip

_textuals_divide = Strip.divide
_fresh = {slot: getattr(Strip([], 0), slot) for slot in Strip.__slots__}
_caches = {slot: cache._maxsize for slot, cache in _fresh.items() if isinstance(cache, FIFOCache)}
_known = {"_segments", "_cell_length", "_render_cache", "_link_ids", "_cell_count", *_caches}


def make_light() -> None:
    """Give a line its caches when they are asked for, and let no line hold itself.

    Textual gives every line seven caches, of which two are used: a sixth of the time that painting
    takes. Where lines have more than is known here, they are made as Textual makes them.
    """
    # By name: to assign to a method is an error to the type checker.
    setattr(Strip, "divide", _divide)  # noqa: B010
    if set(_fresh) == _known:
        setattr(Strip, "__init__", _init)  # noqa: B010
        setattr(Strip, "__getattr__", _make_cache)  # noqa: B010


def _init(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    strip._segments = list(segments)
    strip._cell_length = cell_length
    strip._render_cache = strip._link_ids = strip._cell_count = None


def _make_cache(strip: Strip, name: str) -> FIFOCache[object, object]:
    if name not in _caches:
        raise AttributeError(name)
    cache: FIFOCache[object, object] = FIFOCache(_caches[name])
    setattr(strip, name, cache)
    return cache


def _divide(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Textual notes in every line into what it was divided. One that is left whole is its own only
    piece: it would live until Python looks through all objects.
    """
    cuts = list(cuts)
    return [strip] if cuts[:1] == [strip.cell_length] else _textuals_divide(strip, cuts)
