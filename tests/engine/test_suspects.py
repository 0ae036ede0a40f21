"""Planted wrong labels come first, by features and by small networks."""

import random
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from bear_tui.data.folders.inventory import Photo, take_inventory
from bear_tui.data.parallel import Cancelled
from bear_tui.engine.models import builder
from bear_tui.engine.suspects import inspection
from bear_tui.engine.suspects.inspection import inspect
from bear_tui.engine.suspects.label_auditor import LabelAuditor, choose_auditor
from bear_tui.engine.suspects.ranking import FOLDS, folds, held_out, probe, rank
from bear_tui.errors import BadInput


def clouds(count: int, classes: int, seed: int = 1) -> tuple[Tensor, Tensor]:
    """Features of classes that overlap a little, and their labels."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    centres = 2.2 * torch.randn(classes, 32, generator=generator)
    return centres[labels] + torch.randn(count, 32, generator=generator), labels


@pytest.mark.parametrize("classes", [2, 5])
def test_planted_labels_are_the_worst(classes: int) -> None:
    features, true = clouds(300, classes)
    planted = random.Random(1).sample(range(300), 12)
    labels = true.clone()
    labels[planted] = (labels[planted] + 1) % classes
    photos = [Photo(Path(f"{number}.jpg"), "", None) for number in range(300)]
    names = [str(number) for number in range(classes)]
    found = rank(photos, labels, probe(features, labels, classes), names)
    first = [int(suspect.photo.path.stem) for suspect in found[:12]]
    assert sorted(first) == sorted(planted)
    assert [int(s.suggested) for s in found[:12]] == [int(true[number]) for number in first]
    assert found[0].confidence > 0.5
    assert len(found) < 150


def test_the_worst_is_the_one_most_unlike_its_label() -> None:
    logits = torch.tensor([[0.0, 9.0], [0.0, 1.0], [0.0, 3.0], [9.0, 0.0]])
    photos = [Photo(Path(name), "a", None) for name in "wxyz"]
    found = rank(photos, torch.zeros(4, dtype=torch.long), logits, ["a", "b"])
    assert [suspect.photo.path.name for suspect in found] == ["w", "y", "x"]
    assert {suspect.suggested for suspect in found} == {"b"}
    assert found[0].confidence == pytest.approx(1 / (1 + torch.e**-9))


def test_every_class_is_spread_over_the_parts_and_each_photo_left_out_once() -> None:
    labels = torch.tensor([0] * 23 + [1] * 11 + [2] * 2)
    parts = folds(labels, seed=3)
    for label, count in ((0, 23), (1, 11)):
        sizes = torch.bincount(parts[labels == label], minlength=FOLDS)
        assert sizes.sum() == count
        assert sizes.max() - sizes.min() <= 1
    left_out = torch.cat([aside for aside, _ in held_out(parts)])
    assert sorted(left_out.tolist()) == list(range(36))
    assert all(not set(a.tolist()) & set(o.tolist()) for a, o in held_out(parts))
    assert torch.equal(parts, folds(labels, seed=3))
    with pytest.raises(BadInput, match="only one readable photo"):
        folds(torch.tensor([0, 0, 1]), seed=1)


def test_a_class_whose_photos_are_all_doubted_still_teaches() -> None:
    features, labels = clouds(60, 2)
    labels = torch.where(torch.arange(60) < 4, 1, 0)
    assert probe(features, labels, 2).isfinite().all()


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Reddish and bluish photos, two of them in the wrong folder, and one that is none."""
    chance = random.Random(1)
    for label, tint in (("red", (200, 60, 60)), ("blue", (60, 60, 200))):
        (tmp_path / label).mkdir()
        for number in range(20):
            image = Image.effect_noise((48, 48), chance.uniform(30, 60)).convert("RGB")
            Image.blend(image, Image.new("RGB", (48, 48), tint), 0.5).save(
                tmp_path / label / f"{label}_{number:02}.png"
            )
    for name, place in (("red/red_03.png", "blue"), ("blue/blue_07.png", "red")):
        (tmp_path / name).rename(tmp_path / place / Path(name).name)
    (tmp_path / "red" / "broken.jpg").write_text("no photo")
    return tmp_path


def test_small_networks_find_them_without_weights(
    colours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "_EPOCHS", 8)
    inventory = take_inventory(colours)
    seen: list[tuple[int, int]] = []
    found = inspect(
        inventory.photos,
        inventory.classes,
        LabelAuditor(),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert {one.photo.path.name for one in found[:2]} == {"red_03.png", "blue_07.png"}
    assert {(one.photo.label, one.suggested) for one in found[:2]} == {
        ("red", "blue"),
        ("blue", "red"),
    }
    assert seen[-1] == (FOLDS * 8, FOLDS * 8)


def _computed(*_: object) -> None:
    raise AssertionError("computed anew")


@pytest.fixture
def squeezenet(tmp_path: Path) -> Path:
    """Weights of random values."""
    torch.manual_seed(1)
    weights = tmp_path / "squeezenet.pth"
    torch.save(builder.build("squeezenet1_1", 1000, 224).state_dict(), weights)
    return weights


def test_features_of_a_pretrained_model_find_them_and_are_kept(
    colours: Path, squeezenet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = take_inventory(colours)
    auditor = LabelAuditor("squeezenet1_1", str(squeezenet))
    found = inspect(inventory.photos, inventory.classes, auditor)
    assert {one.photo.path.name for one in found[:2]} == {"red_03.png", "blue_07.png"}
    # A second look computes nothing anew; with another photo among them it does.
    monkeypatch.setattr(inspection, "_input_of", _computed)
    assert inspect(inventory.photos, inventory.classes, auditor) == found
    with pytest.raises(AssertionError, match="computed anew"):
        inspect(inventory.photos[1:], inventory.classes, auditor)


def test_features_are_not_kept_where_a_photo_could_not_be_read_just_now(
    colours: Path, squeezenet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = take_inventory(colours)
    auditor = LabelAuditor("squeezenet1_1", str(squeezenet))
    key, photo, aside = inspection._key, colours / "red" / "red_00.png", colours / "aside"

    def then_gone(*arguments: Any) -> str:
        """Its content is known, but it is not decoded yet."""
        found = key(*arguments)
        photo.rename(aside)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(inspection, "_key", then_gone)
        inspect(inventory.photos, inventory.classes, auditor)
    aside.rename(photo)
    monkeypatch.setattr(inspection, "_input_of", _computed)
    with pytest.raises(AssertionError, match="computed anew"):
        inspect(inventory.photos, inventory.classes, auditor)


def test_looking_can_be_stopped(colours: Path) -> None:
    inventory = take_inventory(colours)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        inspect(inventory.photos, inventory.classes, LabelAuditor(), cancelled=stop)


def test_one_class_has_no_suspects(colours: Path) -> None:
    photos = [photo for photo in take_inventory(colours).photos if photo.label == "red"]
    with pytest.raises(BadInput, match="at least two classes"):
        inspect(photos, ("red",), LabelAuditor())


def test_weights_on_this_disk_are_used_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from bear_tui import catalog, paths

    assert choose_auditor(None, None) == LabelAuditor()
    assert choose_auditor("resnet18", None) == LabelAuditor("resnet18", "imagenet")
    assert choose_auditor("resnet18", "x.pth") == LabelAuditor("resnet18", "x.pth")
    assert choose_auditor("resnet18", "none") == LabelAuditor()
    with pytest.raises(BadInput, match="name the --model"):
        choose_auditor(None, "x.pth")
    with pytest.raises(BadInput, match="no such model"):
        choose_auditor("resnet1", None)
    monkeypatch.setenv("TORCH_HOME", str(paths.weights_folder()))
    name = catalog.find_model("resnet50").weights_file
    assert name is not None
    paths.weights_folder().mkdir(parents=True)
    (paths.weights_folder() / name).touch()
    assert choose_auditor(None, None) == LabelAuditor("resnet50", "imagenet")
