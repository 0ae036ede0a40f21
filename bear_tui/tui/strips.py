"""Lines that were drawn are freed as soon as nothing shows them."""

from collections.abc import Iterable, Sequence

from textual.strip import Strip

_textuals = Strip.divide


def free_undivided() -> None:
    """Let no line hold itself.

    Textual notes in every line into what it was divided. One that was left whole is its own only
    piece: it would live until Python looks through all objects, and thousands are drawn a second.
    """
    # By name: to assign to a method is an error to the type checker.
    setattr(Strip, "divide", _divide)  # noqa: B010


def _divide(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    pieces = _textuals(strip, cuts)
    if len(pieces) == 1 and pieces[0] is strip:
        strip._divide_cache.clear()
    return pieces
