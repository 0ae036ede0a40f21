"""Swapped labels among real photos, found by the features of a real pretrained model."""

import random
from contextlib import closing
from pathlib import Path

import pytest
import torch

from bear_tui.data.folders.inventory import Photo, take_inventory
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.suspects.inspection import features_of
from bear_tui.engine.suspects.label_auditor import LabelAuditor
from bear_tui.engine.suspects.ranking import probe, rank

pytestmark = [pytest.mark.real, pytest.mark.slow]

CLASSES = ("bear", "not_bear")


@pytest.fixture(scope="module")
def seen(shared: Path) -> tuple[tuple[Photo, ...], torch.Tensor]:
    """All bears and other things, and their features: labels play no part in these."""
    everything = take_inventory(shared / "photos").photos
    photos = tuple(photo for photo in everything if photo.label in CLASSES)
    (weights,) = (shared / "weights").glob("mobilenet_v2*.pth")
    with closing(DecodedImages(photos, [0] * len(photos), 224)) as decoded:
        kept, features = features_of(decoded, LabelAuditor("mobilenet_v2", str(weights)))
    assert len(kept) == len(photos)
    return photos, features


@pytest.mark.parametrize("seed", range(5))
def test_twelve_swapped_labels_come_first(
    seed: int, seen: tuple[tuple[Photo, ...], torch.Tensor]
) -> None:
    photos, features = seen
    chance = random.Random(seed)
    places = chance.sample(range(len(photos)), 400)
    labels = torch.tensor([CLASSES.index(photos[place].label) for place in places])
    swapped = set(chance.sample(range(400), 12))
    labels[list(swapped)] = 1 - labels[list(swapped)]
    chosen = [photos[place] for place in places]
    found = rank(chosen, labels, probe(features[places], labels, 2), CLASSES)
    order = [chosen.index(suspect.photo) for suspect in found]
    assert swapped <= set(order[:24])
    assert len(swapped & set(order[:12])) >= 10
