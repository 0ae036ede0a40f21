import pytest
import torch

from bear_tui.catalog import IMAGENET_STATISTICS
from bear_tui.engine.inputs.augment import augment, normalise


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def test_none_gives_the_photos_back() -> None:
    images = torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8)
    assert augment(images, "none", generator()) is images


@pytest.mark.parametrize("strength", ["light", "standard"])
def test_each_photo_of_a_batch_is_changed_by_itself(strength: str) -> None:
    one = torch.randint(0, 256, (1, 3, 32, 32), dtype=torch.uint8)
    views = augment(one.repeat(16, 1, 1, 1), strength, generator())
    assert views.dtype == torch.uint8
    assert views.shape == (16, 3, 32, 32)
    assert len({view.numpy().tobytes() for view in views}) == 16


@pytest.mark.parametrize("strength", ["light", "standard"])
def test_the_same_seed_gives_the_same_views(strength: str) -> None:
    images = torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8)
    first, second = (augment(images, strength, generator()) for _ in range(2))
    assert first.equal(second)


def test_light_keeps_the_photo_recognisable() -> None:
    # A bright left half stays a bright half on one side, whichever way it was mirrored.
    images = torch.zeros(32, 3, 32, 32, dtype=torch.uint8)
    images[..., :16] = 200
    views = augment(images, "light", generator()).float()
    left, right = views[..., :10].mean(dim=(1, 2, 3)), views[..., -10:].mean(dim=(1, 2, 3))
    assert ((left - right).abs() > 150).all()
    mirrored = (right > left).sum()
    assert 8 <= mirrored <= 24


def test_normalised_photos_have_the_mean_removed() -> None:
    mean, std = IMAGENET_STATISTICS
    grey = torch.full((1, 3, 2, 2), 128, dtype=torch.uint8)
    expected = torch.tensor([(128 / 255 - m) / s for m, s in zip(mean, std, strict=True)])
    assert torch.allclose(normalise(grey, IMAGENET_STATISTICS)[0, :, 0, 0], expected)
