"""What the app remembers between starts. Losing it costs a few key presses, nothing more."""

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
    """The app's small memory."""

    datasets: tuple[str, ...] = ()
    """Folders of photos used before, latest first."""
    theme: str = "bear-dark"
    model: str = ""
    """The model chosen last."""
    declined: tuple[str, ...] = ()
    """Interrupted runs that were offered at the start and not wanted."""

    def with_dataset(self, folder: str) -> "Settings":
        """`folder` first, no folder twice, old ones forgotten."""
        others = tuple(one for one in self.datasets if one != folder)
        return replace(self, datasets=(folder, *others)[:_DATASETS_KEPT])


def load(path: Path) -> Settings:
    """The settings in `path`; whatever is missing or damaged is as at the first start."""
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
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def save(settings: Settings, path: Path) -> None:
    """Keep `settings`. A disk that refuses is no reason to disturb the person at work."""
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
