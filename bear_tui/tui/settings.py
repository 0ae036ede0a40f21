"""What the app remembers between starts. Losing it costs a few key presses, nothing more."""

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bear_tui import files

_DATASETS_KEPT = 8


@dataclass(frozen=True)
class Settings:
    """The app's small memory."""

    datasets: tuple[str, ...] = ()
    """Folders of photos used before, latest first."""
    theme: str = "bear"
    model: str = ""
    """The model chosen last."""

    def with_dataset(self, folder: str) -> "Settings":
        """`folder` first, no folder twice, old ones forgotten."""
        others = tuple(one for one in self.datasets if one != folder)
        return replace(self, datasets=(folder, *others)[:_DATASETS_KEPT])


def load(path: Path) -> Settings:
    """The settings in `path`; whatever is missing or damaged is as at the first start."""
    try:
        document = json.loads(files.read_text(path))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(document, dict):
        return Settings()
    datasets = document.get("datasets")
    listed = datasets if isinstance(datasets, list) else []
    return Settings(
        datasets=tuple(one for one in listed if isinstance(one, str))[:_DATASETS_KEPT],
        theme=str(document.get("theme", Settings.theme)),
        model=str(document.get("model", Settings.model)),
    )


def save(settings: Settings, path: Path) -> None:
    """Keep `settings`. A disk that refuses is no reason to disturb the person at work."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(path, json.dumps(asdict(settings), indent=2))
    except OSError as error:
        logging.getLogger(__name__).warning("settings not kept: %s", error)
