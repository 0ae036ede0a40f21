"""Settings that the app keeps between starts. Losing them costs a few key presses, no more."""

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bear_tui import files, json_file
from bear_tui.errors import Unreadable

_DATASETS_KEPT = 8
_DECLINED_KEPT = 50


@dataclass(frozen=True)
class Settings:
    """What the app remembers."""

    datasets: tuple[str, ...] = ()
    """Folders of photos used before, latest first."""
    theme: str = "bear-dark"
    model: str = ""
    """The model chosen last."""
    declined: tuple[str, ...] = ()
    """Interrupted runs that were offered at the start and not wanted."""

    def with_dataset(self, folder: str) -> "Settings":
        """Put a folder first, without its earlier entry, and drop the oldest."""
        others = tuple(other for other in self.datasets if other != folder)
        return replace(self, datasets=(folder, *others)[:_DATASETS_KEPT])


def load(path: Path) -> Settings:
    """Return the settings in a file; defaults for what is missing or damaged."""
    try:
        # A person may keep it elsewhere, with a link here.
        document = json_file.read_object(path, largest=1 << 20, follow=True) or {}
    except Unreadable:
        return Settings()
    return Settings(
        datasets=_texts(document.get("datasets"))[:_DATASETS_KEPT],
        theme=str(document.get("theme", Settings.theme)),
        model=str(document.get("model", Settings.model)),
        declined=_texts(document.get("declined"))[:_DECLINED_KEPT],
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def save(settings: Settings, path: Path) -> None:
    """Write the settings; an error is only logged, so that nobody is disturbed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(path, json.dumps(asdict(settings), indent=2))
    except OSError as error:
        logging.getLogger(__name__).warning("settings not kept: %s", error)


class SavedSettings:
    """The settings of now, written to their file when they change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.now = load(path)

    def change(self, settings: Settings) -> None:
        """Keep these settings for the next start."""
        if settings != self.now:
            self.now = settings
            save(settings, self._path)
