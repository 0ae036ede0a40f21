"""Predictions for photos that a model does not learn from, and their figures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from bear_tui import files
from bear_tui.catalog import Statistics
from bear_tui.data.folders.inventory import Photo
from bear_tui.engine.compute import distributed
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.setup.prepare import Setup


@dataclass(frozen=True)
class Predictions:
    """Probabilities `[photos, classes]` for the photos that could be read."""

    photos: tuple[Photo, ...]
    labels: Tensor
    probabilities: Tensor

    @property
    def predicted(self) -> Tensor:
        """The most probable class of each photo."""
        return self.probabilities.argmax(dim=1)

    def loss(self) -> float:
        """Return the mean cross-entropy; NaN without photos."""
        rows = torch.arange(len(self.labels))
        chosen = self.probabilities[rows, self.labels].clamp_min(1e-12)
        return float(-chosen.log().mean())

    def accuracy(self) -> float:
        """Return the share of photos whose most probable class is the true one."""
        return float((self.predicted == self.labels).double().mean())

    def confusion_matrix(self) -> tuple[tuple[int, ...], ...]:
        """Return counts: rows are true classes, columns predicted ones."""
        classes = self.probabilities.shape[1]
        cells = torch.bincount(self.labels * classes + self.predicted, minlength=classes**2)
        return tuple(tuple(row) for row in cells.view(classes, classes).tolist())


def predict_photos(
    model: nn.Module,
    photos: DecodedImages,
    compute: Compute,
    statistics: Statistics,
    batch_size: int,
    each_batch: Callable[[int], None] = lambda _done: None,
) -> Predictions:
    """Return the model's predictions for all photos that can be read.

    `each_batch` is told how many photos are done, and may raise to stop. What the computer refuses
    to read is tried once more at the end.
    """
    model = compute.lowered(model.eval())
    rows: dict[int, Tensor] = {}

    def predict(order: Sequence[int], done: int = 0) -> None:
        for start in range(0, len(order), batch_size):
            images, _, indices = photos.batch(order[start : start + batch_size])
            if indices:
                logits = forward(model, images, compute, statistics)
                rows.update(zip(indices, logits.double().softmax(dim=1).cpu(), strict=True))
            each_batch(min(done + start + batch_size, len(photos)))

    everything = range(len(photos))
    photos.decode_ahead(everything)
    predict(everything)
    predict(photos.retry(), len(photos))
    indices = sorted(rows)
    empty = torch.empty(0, 1, dtype=torch.float64)
    probabilities = torch.stack([rows[index] for index in indices]) if indices else empty
    readable = tuple(photos.photos[index] for index in indices)
    return Predictions(readable, photos.labels[indices], probabilities)


def predict_validation(source: BatchSource, setup: Setup) -> Predictions:
    """Return the model's predictions for the validation photos, from cached activations if any."""
    setup.model.eval()
    source.retry()
    indices: list[int] = []
    parts: list[Tensor] = []
    rank, size = distributed.rank(), distributed.size()
    for step, photos in enumerate(source.batches("validation", 1)):
        if rank and distributed.too_small(photos, size):
            continue  # the first process has all of them
        batch = source.batch(shard_of("validation", 1, step, photos))
        indices += batch.indices
        columns = (torch.split(column, batch.micro_batch) for column in batch.values)
        with torch.inference_mode(), setup.compute.autocast():
            logits = [batch.module(*values).double() for values in zip(*columns, strict=True)]
        parts += [part.softmax(dim=1).cpu() for part in logits]
    probabilities = torch.cat(parts) if parts else torch.empty(0, 1, dtype=torch.float64)
    decoded = source.photos
    readable = tuple(decoded.photos[index] for index in indices)
    own = Predictions(readable, decoded.labels[indices], probabilities)
    return join(distributed.gather(own), setup.dataset.validation)


def join(parts: Sequence[Predictions], order: Sequence[Photo]) -> Predictions:
    """Join the predictions of several processes, in the order of all photos."""
    if len(parts) == 1:
        return parts[0]
    filled = [part for part in parts if part.photos]
    photos = [photo for part in filled for photo in part.photos]
    place = {photo.path: number for number, photo in enumerate(order)}
    rows = sorted(range(len(photos)), key=lambda row: place[photos[row].path])
    labels = torch.cat([part.labels for part in filled] or [parts[0].labels])
    columns = [part.probabilities for part in filled] or [parts[0].probabilities]
    return Predictions(tuple(photos[row] for row in rows), labels[rows], torch.cat(columns)[rows])


def forward(model: nn.Module, images: Tensor, compute: Compute, statistics: Statistics) -> Tensor:
    """Return fp32 logits `[batch, classes]` of uint8 `[batch, 3, size, size]`, no gradients."""
    size = compute.micro_batch(images.shape[-1], len(images))
    with torch.inference_mode(), compute.autocast():
        parts = torch.split(images.to(compute.device), size)
        return torch.cat([model(normalise(part, statistics)).float() for part in parts])


def write_predictions(path: Path, classes: Sequence[str], predictions: Predictions) -> None:
    """Write predictions.csv: a row for each photo, a column of probability for each class."""
    header = ["path", "label", "predicted", *classes]
    files.write_csv(path, [header, *_csv_rows(classes, predictions)])


def _csv_rows(classes: Sequence[str], predictions: Predictions) -> Iterator[list[str]]:
    columns = predictions.photos, predictions.predicted.tolist(), predictions.probabilities.tolist()
    for photo, best, row in zip(*columns, strict=True):
        yield [str(photo.path), photo.label, classes[best], *(f"{value:.6f}" for value in row)]
