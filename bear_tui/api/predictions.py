"""Predictions for Python: of photos, folders and images that are in memory."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

from bear_tui.api.settings import File, path_of
from bear_tui.run.folder import RunFolder

if TYPE_CHECKING:
    from PIL.Image import Image

Photo: TypeAlias = "File | Image"
Photos: TypeAlias = "Photo | Iterable[Photo]"


@dataclass(frozen=True)
class Prediction:
    """The prediction of a run for one photo."""

    path: Path | None
    """None for an image that was in memory."""
    label: str | None
    """The likeliest class; None where the photo cannot be read."""
    probability: float
    """What the network gives that class."""
    chance: float
    """How likely the label is right: `probability`, calibrated on the run's validation photos
    where they are enough for that."""
    probabilities: dict[str, float] = field(default_factory=dict)
    """What the network gives each class."""
    unsure: bool = False
    """Whether `chance` is below what was asked for."""
    error: str = ""
    """Why the photo cannot be read."""


def predictions(folder: RunFolder, photos: Photos, unsure_below: float) -> list[Prediction]:
    """Return what a run's best weights predict, in the order of the photos. Loads the model."""
    from bear_tui.engine.inference import batch_predict
    from bear_tui.engine.inference.predict import open_predictor
    from bear_tui.run.results import temperature_scaling

    rows: list[Prediction] = []
    with TemporaryDirectory(prefix="bear-tui-") as place:
        drafts = Path(place)
        paths = list(_paths(photos, drafts))
        predictor = open_predictor(folder)
        temperature = temperature_scaling.of_run(folder)
        for batch in batch_predict.predict(predictor, paths):
            calibrated = temperature_scaling.answers_at(temperature, batch)
            for answer, likely in zip(batch, calibrated, strict=True):
                path = None if answer.path.parent == drafts else answer.path
                if answer.error:
                    rows.append(Prediction(path, None, 0.0, 0.0, error=answer.error))
                    continue
                probabilities = dict(zip(predictor.classes, answer.probabilities, strict=True))
                label, chance = predictor.classes[answer.best], likely.probability
                unsure = chance < unsure_below
                rows.append(
                    Prediction(path, label, answer.probability, chance, probabilities, unsure)
                )
    return rows


def _paths(photos: Photos, drafts: Path) -> Iterator[Path]:
    """Yield the paths of all photos; an image is saved into `drafts` as PNG, without loss."""
    from PIL import Image, ImageOps

    from bear_tui.data.folders.scan import photos_at

    if isinstance(photos, str | os.PathLike):
        yield from photos_at(path_of(photos))
    elif isinstance(photos, Image.Image):
        upright = ImageOps.exif_transpose(photos)
        if upright.mode not in _MODES_OF_PNG:
            upright = upright.convert("RGB")
        path = drafts / f"{sum(1 for _ in drafts.iterdir())}.png"
        upright.save(path, compress_level=0)
        yield path
    else:
        for photo in photos:
            yield from _paths(photo, drafts)


_MODES_OF_PNG = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")
