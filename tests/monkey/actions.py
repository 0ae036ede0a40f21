"""What the monkey does: keys, pastes, clicks and sizes, in an order that a seed decides."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

ESCAPE, ENTER, TAB = "\x1b", "\r", "\t"
UP, DOWN, RIGHT, LEFT = (f"\x1b[{end}" for end in "ABCD")
PAGE_UP, PAGE_DOWN, HOME, END = "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"
F1, F5, PALETTE, REPAINT = "\x1bOP", "\x1b[15~", "\x10", "\x0c"

_MOVES = (UP, DOWN, LEFT, RIGHT, TAB, "\x1b[Z", PAGE_UP, PAGE_DOWN, HOME, END, ENTER, " ", "\x7f")
_CONTROL = (F1, "?", F5, PALETTE, REPAINT, "\x12", "\x03", "\x15", "\x01", "\x17", "\x0b", "\x16")
_LETTERS = "abcdefghijklmnoprstuvwxyz" + "ABCDEGHLMNOPQSUVXY" + "[]+-<>,.:;/()'\"\\{}=*#@!é字"
_LEAVES = ("q", "\x11", "\x1a", "\x1a")
"""Rare: what opens a new app each time says little about one that is open for long."""
_WORDS = ("vgg", "rate", "theme", "train", "squeeze", "keys", "copy", "zzz", "-1", "0", "64")
_PASTES = (
    "{home}/photos",
    "{home}/photos/test/bear",
    "'{home}/photos'",
    "file://{home}/photos",
    "{home}/nowhere",
    "{home}/photos/train/bear/000.png",
    "[/] [red]dog[/foo]",
    "a\nb\nc",
    "\x07\x00\x9b31m",
    "🐻\u200d❄\ufe0f e\u0301 \u202eabc",
    "bear " * 4000,
)
_SIZES = ((80, 24), (120, 40), (200, 60), (60, 15), (100, 30), (40, 10), (20, 5), (3, 2), (300, 90))
_WAITS = (0.0, 0.0, 0.0, 0.0, 0.02, 0.05, 0.2)


@dataclass(frozen=True)
class Action:
    """What is typed, or the size that the terminal gets, and seconds until the next."""

    keys: str = ""
    size: tuple[int, int] | None = None
    wait: float = 0.0


def actions(seed: int, home: str) -> Iterator[Action]:
    """Without an end, the same for a seed. Paths that are pasted lie in `home`."""
    dice = random.Random(seed)
    kinds = (_key, _run, _palette, _path, _paste, _mouse, _size, _stray, _leave)
    weights = (50, 14, 8, 3, 3, 14, 2, 0.5, 0.02)
    while True:
        made = dice.choices(kinds, weights)[0](dice)
        wait = dice.choice(_WAITS)
        if isinstance(made, str):
            if made.endswith(ESCAPE):
                wait += 0.15  # with a key right behind it, escape is alt and that key
            yield Action(made.replace("{home}", home), wait=wait)
        else:
            yield Action(size=made, wait=wait)


def _key(dice: random.Random) -> str:
    kinds = (_MOVES, "12345", _LETTERS, _CONTROL, (ESCAPE,))
    return dice.choice(dice.choices(kinds, (40, 8, 30, 12, 14))[0])


def _run(dice: random.Random) -> str:
    """Several at once: a key that repeats, or what is typed ahead."""
    if dice.random() < 0.4:
        return dice.choice((*_MOVES, ESCAPE, F1, "[", "]", "j", "k")) * dice.randint(2, 12)
    return "".join(_key(dice) for _ in range(dice.randint(2, 8)))


def _palette(dice: random.Random) -> str:
    """The palette, a word, moves in a list that changes meanwhile, and its end."""
    moves = (PAGE_UP, PAGE_DOWN, UP, DOWN, HOME, END, F1, PALETTE, "\x7f", "e")
    ends = (ENTER, ESCAPE, ESCAPE, ESCAPE + F1, "")
    end = dice.choice(ends)
    # Enter in the whole list would mostly be on its last line, which leaves the app.
    typed = dice.choice(_WORDS if end == ENTER else (*_WORDS, "", "", "e"))
    inside = (dice.choice(moves) for _ in range(dice.randint(0, 8)))
    return PALETTE + typed + "".join(inside) + end


def _path(dice: random.Random) -> str:
    """A folder is opened, asked about, searched for."""
    return (
        dice.choice(("1o\x15", "5p", "2/", "1p", "5e", "3", "2"))
        + dice.choice((*_WORDS, "{home}/photos", "{home}/photos/test"))
        + dice.choice((ENTER, ENTER, ESCAPE, TAB))
    )


def _paste(dice: random.Random) -> str:
    return f"\x1b[200~{dice.choice(_PASTES)}\x1b[201~"


def _mouse(dice: random.Random) -> str:
    x, y = dice.choice((dice.randint(1, 90), dice.randint(1, 220))), dice.randint(1, 45)
    press, move = dice.choice(((0, 32), (2, 34), (1, 33)))
    match dice.choice(("click", "click", "double", "scroll", "drag", "hover")):
        case "click":
            return f"\x1b[<{press};{x};{y}M\x1b[<{press};{x};{y}m"
        case "double":
            return f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m" * 2
        case "scroll":
            return f"\x1b[<{dice.choice((64, 65, 68, 69))};{x};{y}M" * dice.randint(1, 6)
        case "drag":
            to = f"{dice.randint(1, 120)};{dice.randint(1, 40)}"
            return f"\x1b[<{press};{x};{y}M\x1b[<{move};{to}M\x1b[<{press};{to}m"
        case _:
            return f"\x1b[<35;{x};{y}M"


def _size(dice: random.Random) -> tuple[int, int]:
    return dice.choice(_SIZES)


def _stray(dice: random.Random) -> str:
    """Bytes that no terminal sends, the window's focus, an answer that nobody asked for."""
    return dice.choice(("\udcff\udcfe", "\x1b[I", "\x1b[O", "\x1b[?2026;2$y", "\x1b[1;1R", "\x00"))


def _leave(dice: random.Random) -> str:
    return dice.choice(_LEAVES)
