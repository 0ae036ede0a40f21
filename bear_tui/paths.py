"""Where runs, caches and settings live on this machine."""

import os
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from platform import node
from urllib.parse import unquote_to_bytes, urlsplit

import platformdirs

from bear_tui.errors import BadInput

_APP = "bear-tui"


def runs_folder() -> Path:
    """Return the folder of runs. Runs are kept until the user deletes them."""
    folder = os.environ.get("BEAR_TUI_RUNS")
    return (
        absolute(folder)
        if folder
        else _below_home(platformdirs.user_data_path, ".local/share") / "runs"
    )


def decisions_folder() -> Path:
    """Return where decisions on photos are kept for folders without a manifest."""
    return _below_home(platformdirs.user_data_path, ".local/share") / "decisions"


def sample_folder() -> Path:
    """Return the folder of the sample photos, which are drawn on first use."""
    return _cache() / "sample"


def coco_folder() -> Path:
    """Return the folder of photos downloaded for COCO imports."""
    return _cache() / "coco"


def weights_folder() -> Path:
    """Return the folder of downloaded ImageNet weights. Files put there by hand are used, too."""
    return _cache() / "weights"


def values_folder() -> Path:
    """Return the cache of frozen layers' activations. Its size is limited."""
    return _cache() / "values"


def looks_folder() -> Path:
    """Return the cache of perceptual hashes, a file for each folder. Its size is limited."""
    return _cache() / "looks"


def _cache() -> Path:
    folder = os.environ.get("BEAR_TUI_CACHE")
    return absolute(folder) if folder else _below_home(platformdirs.user_cache_path, ".cache")


def _below_home(folder: Callable[[str], Path], usual: str) -> Path:
    """Return the app's folder that platformdirs names; without a home folder, below `/`."""
    with suppress(RuntimeError):
        if (path := folder(_APP)).is_absolute():
            return path
    return Path("/", usual, _APP)


def torch_weights_folder() -> Path:
    """Return where torchvision keeps its downloads; weights found there are used."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", f"{cache}/torch")
    return Path("/", os.path.expanduser(home), "hub", "checkpoints")  # noqa: PTH111


def state_folder() -> Path:
    """Return the folder of the app's log."""
    return _below_home(platformdirs.user_state_path, ".local/state")


def settings_file() -> Path:
    """Return the file of what the app remembers: last datasets, last choices."""
    return _below_home(platformdirs.user_config_path, ".config") / "settings.json"


def short(path: str | Path) -> str:
    """Return the path with `~` for the home folder. `absolute` is the inverse."""
    text, home = str(path), os.path.expanduser("~")  # Path.home may raise  # noqa: PTH111
    below = text == home or text.startswith(f"{home}/")
    return f"~{text[len(home) :]}" if below and home != "/" else text


def absolute(text: str | Path, folder: Path | None = None) -> Path:
    """Return the path that a person meant: absolute, `~` expanded, `..` removed, links kept.

    A relative path starts at `folder`, or else at the current folder.
    """
    # A folder may be called `~old`: if there is no such user, the name stays.
    path = Path(os.path.expanduser(text))  # noqa: PTH111
    if not path.is_absolute():
        path = (folder or here()) / path
    return Path(os.path.realpath(path)) if ".." in path.parts else path


def here_or_home() -> Path:
    """Return the current folder; the home folder if it was deleted."""
    try:
        return here()
    except BadInput:
        return Path("/") / os.path.expanduser("~")  # noqa: PTH111


def here() -> Path:
    """Return the current folder. Raises BadInput if it was deleted."""
    try:
        return Path.cwd()
    except OSError:
        raise BadInput("the folder that you are in is gone; `cd` to one that exists.") from None


def pasted(text: str, exists: Callable[[str], bool] = os.path.exists) -> list[str]:
    """Return the paths that a pasted or typed text names; [] if it is blank.

    Terminals and file managers put a path in quotes, escape its spaces or write it as a
    `file://` URL. A path that exists as typed is returned as it is.
    """
    plain = text.strip()
    quoted = any(mark in text for mark in "'\"\\") or text.split() != [text]
    if "\0" in text or not (quoted or text.lower().startswith("file:")):
        return [plain] if plain else []  # common while typing: no disk access
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
    except ValueError:  # an unbalanced quote or backslash is part of a name
        words = []
    if len(words) == 1 or _are_several(words, exists):
        return words
    return [plain] if plain else []


def meant(text: str) -> Path:
    """Return the first path that a pasted or typed text names, made absolute."""
    return absolute(next(iter(pasted(text)), ""))


def _are_several(words: Sequence[str], exists: Callable[[str], bool]) -> bool:
    """Return whether words are several paths, not one name with spaces."""
    whole = all(word.startswith(("/", "~")) for word in words)
    return bool(words) and (whole or exists(os.path.expanduser(words[0])))  # noqa: PTH111


def _of_url(text: str) -> str | None:
    """Return the path in a `file:` URL of this machine; None for any other text."""
    if not text.lower().startswith("file:/"):
        return None
    try:
        host = urlsplit(text).netloc
    except ValueError:
        return None
    if host.lower() not in ("", "localhost", node().lower()):
        return None
    # Not by urlsplit: an unescaped `?` or `#` belongs to the name.
    path = text[len("file:") :].removeprefix("//" + host)
    decoded = os.fsdecode(unquote_to_bytes(os.fsencode(path)))
    return None if "\0" in decoded else decoded
