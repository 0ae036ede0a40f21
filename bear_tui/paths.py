"""Where runs, caches and settings live on this machine."""

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from platform import node
from urllib.parse import unquote_to_bytes, urlsplit

import platformdirs

from bear_tui.errors import BadInput

_APP = "bear-tui"


def runs_folder() -> Path:
    """Finished and running trainings, one folder each. Kept until the user deletes them."""
    chosen = os.environ.get("BEAR_TUI_RUNS")
    return (
        absolute(chosen)
        if chosen
        else _below_home(platformdirs.user_data_path, ".local/share") / "runs"
    )


def decisions_folder() -> Path:
    """What was decided about photos of folders that keep no manifest, a file a folder."""
    return _below_home(platformdirs.user_data_path, ".local/share") / "decisions"


def sample_folder() -> Path:
    """The sample photos, drawn on first use."""
    return _cache() / "sample"


def coco_folder() -> Path:
    """Photos downloaded for COCO imports, by their addresses."""
    return _cache() / "coco"


def weights_folder() -> Path:
    """Downloaded ImageNet weights. Files put here by hand are used as they are."""
    return _cache() / "weights"


def values_folder() -> Path:
    """What frozen layers made of photos, for the next run that asks them. Kept within a limit."""
    return _cache() / "values"


def looks_folder() -> Path:
    """What photos look like, a file for each folder of them. Kept within a limit."""
    return _cache() / "looks"


def _cache() -> Path:
    chosen = os.environ.get("BEAR_TUI_CACHE")
    return absolute(chosen) if chosen else _below_home(platformdirs.user_cache_path, ".cache")


def _below_home(folder: Callable[[str], Path], usual: str) -> Path:
    """The folder of this app that platformdirs names; without a home folder as if that were `/`."""
    try:
        found = folder(_APP)
    except RuntimeError:
        return Path("/", usual, _APP)
    return found if found.is_absolute() else Path("/", usual, _APP)


def torch_weights_folder() -> Path:
    """Where torchvision itself keeps downloads; files found there are used too."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", f"{cache}/torch")
    return Path("/", os.path.expanduser(home), "hub", "checkpoints")  # noqa: PTH111


def state_folder() -> Path:
    """Where the app's own log lies."""
    return _below_home(platformdirs.user_state_path, ".local/state")


def settings_file() -> Path:
    """What the app remembers between starts: last datasets, last choices."""
    return _below_home(platformdirs.user_config_path, ".config") / "settings.json"


def short(path: str | Path) -> str:
    """The path as a person writes it: `~` for the home folder. `absolute` takes it back."""
    text, home = str(path), os.path.expanduser("~")  # Path.home may raise  # noqa: PTH111
    below = text == home or text.startswith(f"{home}/")
    return f"~{text[len(home) :]}" if below and home != "/" else text


def absolute(text: str | Path, folder: Path | None = None) -> Path:
    """The path a person meant: `~` expanded, made absolute, `..` removed, links kept.

    Seen from `folder`, or else from where the person is.
    """
    # A folder may be called `~old`: where there is no such user, the name stays.
    path = Path(os.path.expanduser(text))  # noqa: PTH111
    if not path.is_absolute():
        path = (folder or here()) / path
    return Path(os.path.realpath(path)) if ".." in path.parts else path


def here_or_home() -> Path:
    """The folder that the person is in; where that was deleted the home folder."""
    try:
        return here()
    except BadInput:
        return Path("/") / os.path.expanduser("~")  # noqa: PTH111


def here() -> Path:
    """The folder that the person is in. Raises BadInput where it was deleted."""
    try:
        return Path.cwd()
    except OSError:
        raise BadInput("the folder that you are in is gone; `cd` to one that is there.") from None


def pasted(text: str, exists: Callable[[str], bool] = os.path.exists) -> list[str]:
    """Return the paths that a pasted or typed text names, as plain text; [] of blank text.

    Terminals and file managers put a path in quotes, escape its spaces or write it as a
    `file://` URL. A path that exists as it stands is never read otherwise.
    """
    plain = text.strip()
    quoted = any(mark in text for mark in "'\"\\") or text.split() != [text]
    if "\0" in text or not (quoted or text.lower().startswith("file:")):
        return [plain] if plain else []  # as it is typed, without a look at the disk
    for literal in (text, text.strip("\r\n"), plain):
        if literal.strip() and exists(os.path.expanduser(literal)):  # noqa: PTH111 - may raise
            return [literal]
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    if len(lines) > 1:
        return [path for line in lines for path in pasted(line, exists)]
    if (decoded := _of_url(plain)) and (" file:" not in plain or exists(decoded)):
        return [decoded]
    try:
        words = [_of_url(word) or word for word in shlex.split(plain)]
    except ValueError:  # a quote or a backslash that ends nothing is part of a name
        words = []
    if len(words) == 1 or _are_several(words, exists):
        return words
    return [plain] if plain else []


def meant(text: str) -> Path:
    """Return the first path that a pasted or typed text names, made absolute."""
    return absolute(next(iter(pasted(text)), ""))


def _are_several(words: Sequence[str], exists: Callable[[str], bool]) -> bool:
    """Whether words are paths beside each other, and not one name with spaces in it."""
    whole = all(word.startswith(("/", "~")) for word in words)
    return bool(words) and (whole or exists(os.path.expanduser(words[0])))  # noqa: PTH111


def _of_url(text: str) -> str | None:
    """The path in a `file:` URL of this machine; None of any other text."""
    if not text.lower().startswith("file:/"):
        return None
    try:
        host = urlsplit(text).netloc
    except ValueError:
        return None
    if host.lower() not in ("", "localhost", node().lower()):
        return None
    # Not by urlsplit: a `?` or `#` that was not escaped belongs to the name.
    path = text[len("file:") :].removeprefix("//" + host)
    decoded = os.fsdecode(unquote_to_bytes(os.fsencode(path)))
    return None if "\0" in decoded else decoded
