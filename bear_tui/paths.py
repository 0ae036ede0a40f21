"""Where runs, caches and settings live on this machine."""

import os
from pathlib import Path

import platformdirs

_APP = "bear-tui"


def runs_folder() -> Path:
    """Finished and running trainings, one folder each. Kept until the user deletes them."""
    return platformdirs.user_data_path(_APP) / "runs"


def decisions_folder() -> Path:
    """What was decided about photos of folders that keep no manifest, a file a folder."""
    return platformdirs.user_data_path(_APP) / "decisions"


def sample_folder() -> Path:
    """The sample photos, drawn on first use."""
    return platformdirs.user_cache_path(_APP) / "sample"


def coco_folder() -> Path:
    """Photos downloaded for COCO imports, by their addresses."""
    return platformdirs.user_cache_path(_APP) / "coco"


def weights_folder() -> Path:
    """Downloaded ImageNet weights. Files put here by hand are used as they are."""
    return platformdirs.user_cache_path(_APP) / "weights"


def values_folder() -> Path:
    """What frozen layers made of photos, for the next run that asks them. Kept within a limit."""
    return platformdirs.user_cache_path(_APP) / "values"


def torch_weights_folder() -> Path:
    """Where torchvision itself keeps downloads; files found there are used too."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", f"{cache}/torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def settings_file() -> Path:
    """What the app remembers between starts: last datasets, last choices."""
    return platformdirs.user_config_path(_APP) / "settings.json"


def short(path: str | Path) -> str:
    """The path as a person writes it: `~` for the home folder. `absolute` takes it back."""
    text, home = str(path), str(Path.home())
    below = text == home or text.startswith(f"{home}/")
    return f"~{text[len(home) :]}" if below and home != "/" else text


def absolute(text: str | Path, folder: Path | None = None) -> Path:
    """The path a person meant: `~` expanded, made absolute, `..` removed, links kept.

    Seen from `folder`, or else from where the person is.
    """
    # A folder may be called `~old`: where there is no such user, the name stays.
    path = (folder or Path.cwd()) / os.path.expanduser(text)  # noqa: PTH111
    return path.resolve() if ".." in path.parts else path
