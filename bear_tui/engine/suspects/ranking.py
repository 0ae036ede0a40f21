"""Rank photos by how much a cross-validated model disagrees with their label.

Every photo is judged by a model that was not trained on it: Northcutt et al. (2021), "Confident
Learning".
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from bear_tui.data.folders.inventory import Photo
from bear_tui.data.suspect import Suspect
from bear_tui.engine.suspects.label_auditor import PARTS
from bear_tui.errors import BadInput

FOLDS = PARTS

# Chosen on 400 real photos with 12 swapped labels, 16 times: all are among the first 20, and at
# least 11 among the first 12. With 0.001, which lets the probe memorise wrong labels, and one pass,
# all are among the first 31, and at least 10 among the first 12.
_WEIGHT_DECAY = 0.02

_LEAST_CONFIDENCE = 0.1


def rank(
    photos: Sequence[Photo], labels: Tensor, logits: Tensor, classes: Sequence[str]
) -> list[Suspect]:
    """Return photos that are likely of another class, worst first.

    `labels` `[photos]`, `logits` `[photos, classes]` from models that did not see the photo.
    """
    logs = logits.double().log_softmax(dim=1)
    rows = torch.arange(len(labels))
    others = logs.clone()
    others[rows, labels] = -torch.inf
    best, suggested = others.max(dim=1)
    order = torch.argsort(best - logs[rows, labels], descending=True, stable=True)
    return [
        Suspect(photos[i], classes[int(suggested[i])], float(best[i].exp()))
        for i in order.tolist()
        if best[i].exp() >= _LEAST_CONFIDENCE
    ]


def probe(features: Tensor, labels: Tensor, classes: int, seed: int = 1) -> Tensor:
    """Return logits `[photos, classes]` of a linear probe, each photo held out in turn.

    A second pass trains without the photos that the first pass doubts.
    """
    parts = folds(labels, seed)
    logits = torch.zeros(len(labels), classes)
    trusted = torch.ones(len(labels), dtype=torch.bool)
    for _ in range(2):
        for aside, others in held_out(parts):
            chosen = others[trusted[others]]
            logits[aside] = _fit(features[chosen], labels[chosen], features[aside], classes)
        trusted = _keeping_every_class(logits.argmax(dim=1) == labels, labels)
    return logits


def folds(labels: Tensor, seed: int) -> Tensor:
    """Return a fold from 0 to 4 for each photo, with every class spread evenly.

    Raises BadInput where a class has a single photo: no other photo is left to judge it by.
    """
    generator = torch.Generator().manual_seed(seed)
    parts = torch.zeros_like(labels)
    for label in sorted(set(labels.tolist())):
        places = (labels == label).nonzero()[:, 0]
        if len(places) < 2:
            raise BadInput("A class has only one readable photo; suspects need at least two.")
        order = torch.randperm(len(places), generator=generator)
        parts[places[order]] = torch.arange(len(places)) % FOLDS
    return parts


def held_out(parts: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield, for each fold, the indices of its photos and of all others."""
    for part in range(FOLDS):
        aside = parts == part
        if aside.any():
            yield aside.nonzero()[:, 0], (~aside).nonzero()[:, 0]


def _keeping_every_class(trusted: Tensor, labels: Tensor) -> Tensor:
    """Trust all photos of a class of which less than half are trusted."""
    for label in set(labels.tolist()):
        of_label = labels == label
        if trusted[of_label].sum() * 2 < of_label.sum():
            trusted = trusted | of_label
    return trusted


def _fit(features: Tensor, labels: Tensor, held_out: Tensor, classes: int) -> Tensor:
    """Return logits of a logistic regression on features scaled to mean 0 and a common length."""
    mean, deviation = features.mean(dim=0), features.std(dim=0).nan_to_num() + 1e-6
    scale = 10 / features.shape[1] ** 0.5
    inputs, queries = (((x - mean) / deviation * scale) for x in (features, held_out))
    weight = torch.zeros(features.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=40, line_search_fn="strong_wolfe")

    def closure() -> float:
        solver.zero_grad()
        loss = functional.cross_entropy(inputs @ weight + bias, labels)
        loss = loss + _WEIGHT_DECAY * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    solver.step(closure)  # type: ignore[no-untyped-call]
    logits: Tensor = (queries @ weight + bias).detach()
    return logits
