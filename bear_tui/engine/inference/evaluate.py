"""What a model says of photos it does not learn from."""

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
from bear_tui.engine.inputs.decoded_images import Photos
from bear_tui.engine.inputs.source import Inputs
from bear_tui.engine.setup.prepare import Setup


@dataclass(frozen=True)
class Answers:
    """Probabilities `[photos, classes]` for the photos that could be read."""

    photos: tuple[Photo, ...]
    labels: Tensor
    probabilities: Tensor

    @property
    def predicted(self) -> Tensor:
        """The likeliest class of each photo."""
        return self.probabilities.argmax(dim=1)

    def loss(self) -> float:
        """Mean cross-entropy; not a number of no photos."""
        rows = torch.arange(len(self.labels))
        chosen = self.probabilities[rows, self.labels].clamp_min(1e-12)
        return float(-chosen.log().mean())

    def accuracy(self) -> float:
        """Share of photos whose likeliest class is the true one."""
        return float((self.predicted == self.labels).double().mean())

    def confusion_matrix(self) -> tuple[tuple[int, ...], ...]:
        """Counts; rows are true classes, columns predicted ones."""
        classes = self.probabilities.shape[1]
        cells = torch.bincount(self.labels * classes + self.predicted, minlength=classes**2)
        return tuple(tuple(row) for row in cells.view(classes, classes).tolist())


def answers(
    model: nn.Module,
    photos: Photos,
    compute: Compute,
    statistics: Statistics,
    batch_size: int,
    each_batch: Callable[[int], None] = lambda _done: None,
) -> Answers:
    """Ask the model about every photo. `each_batch` is told how many are done, and may raise.

    What the computer refuses to read is tried once more at the end.
    """
    model = compute.lowered(model.eval())
    found: dict[int, Tensor] = {}

    def ask(order: Sequence[int], done: int = 0) -> None:
        for start in range(0, len(order), batch_size):
            images, _, indices = photos.batch(order[start : start + batch_size])
            if indices:
                logits = forward(model, images, compute, statistics)
                rows = logits.double().softmax(dim=1).cpu()
                found.update(zip(indices, rows, strict=True))
            each_batch(min(done + start + batch_size, len(photos)))

    everything = range(len(photos))
    photos.ahead(everything)
    ask(everything)
    ask(photos.retry(), len(photos))
    kept = sorted(found)
    empty = torch.empty(0, 1, dtype=torch.float64)
    probabilities = torch.stack([found[index] for index in kept]) if kept else empty
    return Answers(tuple(photos.photos[i] for i in kept), photos.labels[kept], probabilities)


def validated(inputs: Inputs, setup: Setup) -> Answers:
    """What the model says of the validation photos, from what the training kept of them.

    The frozen layers' values are there already: no photo goes through them again.
    """
    setup.model.eval()
    inputs.retry()
    kept: list[int] = []
    parts: list[Tensor] = []
    rank, size = distributed.rank(), distributed.size()
    for step, batch in enumerate(inputs.batches("validation", 1)):
        if rank and distributed.too_small(batch, size):
            continue  # the first process answers for it
        given = inputs.batch("validation", 1, step, batch)
        kept += given.kept
        columns = (torch.split(column, given.at_once) for column in given.values)
        with torch.inference_mode(), setup.compute.autocast():
            logits = [given.run(*values).double() for values in zip(*columns, strict=True)]
        parts += [part.softmax(dim=1).cpu() for part in logits]
    probabilities = torch.cat(parts) if parts else torch.empty(0, 1, dtype=torch.float64)
    photos = inputs.photos
    mine = Answers(tuple(photos.photos[i] for i in kept), photos.labels[kept], probabilities)
    return join(distributed.gather(mine), setup.dataset.validation)


def join(parts: Sequence[Answers], order: Sequence[Photo]) -> Answers:
    """What several processes found out, in the order of all photos."""
    if len(parts) == 1:
        return parts[0]
    filled = [part for part in parts if part.photos]
    photos = [photo for part in filled for photo in part.photos]
    place = {photo.path: number for number, photo in enumerate(order)}
    rows = sorted(range(len(photos)), key=lambda row: place[photos[row].path])
    labels = torch.cat([part.labels for part in filled] or [parts[0].labels])
    found = torch.cat([part.probabilities for part in filled] or [parts[0].probabilities])
    return Answers(tuple(photos[row] for row in rows), labels[rows], found[rows])


def forward(model: nn.Module, images: Tensor, compute: Compute, statistics: Statistics) -> Tensor:
    """fp32 logits `[batch, classes]` of uint8 images `[batch, 3, size, size]`, no gradients."""
    size = compute.micro_batch(images.shape[-1], len(images))
    with torch.inference_mode(), compute.autocast():
        parts = torch.split(images.to(compute.device), size)
        return torch.cat([model(normalise(part, statistics)).float() for part in parts])


def write_predictions(path: Path, classes: Sequence[str], found: Answers) -> None:
    """predictions.csv: a row per photo, a column of probability per class."""
    files.write_csv(path, [["path", "label", "predicted", *classes], *_rows(classes, found)])


def _rows(classes: Sequence[str], found: Answers) -> Iterator[list[str]]:
    predicted = found.predicted.tolist()
    for photo, best, row in zip(found.photos, predicted, found.probabilities.tolist(), strict=True):
        yield [str(photo.path), photo.label, classes[best], *(f"{value:.6f}" for value in row)]
