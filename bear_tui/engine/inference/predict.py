"""Load a run's best weights to predict photos anywhere, or a test set again."""

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from bear_tui.catalog import Statistics, find_model
from bear_tui.data.decisions import decided_inventory
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.photos.photo import load_square
from bear_tui.engine.compute import device
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.inference.evaluate import Predictions, predict_photos
from bear_tui.engine.inference.overlap import own_photos
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.models import builder, checkpoint
from bear_tui.errors import BadInput
from bear_tui.recipe import Framing, Interpolation
from bear_tui.run.folder import RunFolder

log = logging.getLogger(__name__)

_BATCH = 32


@dataclass(frozen=True)
class Predictor:
    """A run's best weights with the preprocessing of its training."""

    model: nn.Module
    classes: tuple[str, ...]
    image_size: int
    framing: Framing
    interpolation: Interpolation
    compute: Compute
    statistics: Statistics

    def pixels(self, photo: Path) -> NDArray[np.uint8]:
        """Return a photo as the network sees it: `[size, size, 3]`. Raises PhotoError."""
        return load_square(photo, self.image_size, self.framing, self.interpolation)

    def decoded(self, photos: Sequence[Photo], labels: Sequence[int]) -> DecodedImages:
        """Return photos as the network sees them; the caller closes them."""
        return DecodedImages(photos, labels, self.image_size, self.framing, self.interpolation)

    def predict(self, photos: tuple[Photo, ...]) -> Predictions:
        """Return predictions for the readable photos; an unknown label counts as class 0."""
        known = {name: index for index, name in enumerate(self.classes)}
        labels = [known.get(photo.label, 0) for photo in photos]
        with closing(self.decoded(photos, labels)) as decoded:
            return predict_photos(self.model, decoded, self.compute, self.statistics, _BATCH)


def open_predictor(folder: RunFolder, compute: Compute | None = None) -> Predictor:
    """Load the best weights of a run. Raises Failure where there are none.

    Computes on `compute`, else as the run did if this machine can.
    """
    recipe = folder.recipe()
    if compute is None:
        compute, elsewhere = device.choose_available(recipe)
        if elsewhere:
            log.warning("%s", elsewhere)
    best = checkpoint.load(folder.checkpoints / "best.pt")
    pretrained = recipe.weights != "none"
    model = builder.build(best.model_name, len(best.classes), best.image_size, pretrained)
    model.load_state_dict(best.model)
    builder.place(model, best.model_name, compute.device)
    entry = find_model(best.model_name)
    device.set_threads(entry, best.image_size)
    return Predictor(
        model.eval(),
        best.classes,
        best.image_size,
        best.framing,
        best.interpolation,
        compute,
        entry.statistics,
    )


def photos_to_test(
    folder: RunFolder, data: Path | None, classes: tuple[str, ...]
) -> tuple[Photo, ...]:
    """Return the run's own test photos, gone or not, or those of the folder `data`.

    Of a folder with a test/ part only that is taken. Raises BadInput for classes that the run does
    not have.
    """
    if data is None:
        return own_photos(folder).test
    inventory = decided_inventory(data)
    foreign = sorted(set(inventory.classes) - set(classes))
    if foreign:
        raise BadInput(
            f"--data {data}: the run knows no class {', '.join(foreign)}; "
            f"its classes are {', '.join(classes)}."
        )
    test = tuple(photo for photo in inventory.photos if photo.split == "test")
    photos = test or inventory.photos
    if not photos:
        raise BadInput(f"--data {data}: no photo in its class folders.")
    return photos
