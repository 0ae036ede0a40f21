"""Small real datasets and runs for the engine's tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bear_tui.engine.models import builder
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe


def draw_photos(folder: Path, count: int, colour: tuple[int, int, int], seed: int) -> None:
    """Save `count` noisy photos of one colour, a class that any model can learn."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    for number in range(count):
        noise = random.integers(-40, 40, (40, 40, 3))
        pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:03}.png")


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A split dataset of two easy classes: 24 + 24 to train on, 6 + 6 to test."""
    root = tmp_path_factory.mktemp("photos")
    for split, count, seed in (("train", 24, 1), ("test", 6, 2)):
        draw_photos(root / split / "red", count, (190, 70, 70), seed)
        draw_photos(root / split / "green", count, (70, 190, 70), seed + 10)
    return root


@pytest.fixture
def recipe_for(photos: Path) -> Callable[..., Recipe]:
    """A quick recipe on those photos; keyword arguments replace its fields."""

    def make(**fields: object) -> Recipe:
        basis = default_recipe(str(photos), str(fields.pop("model", "mlp")), image_size=8)
        values: dict[str, object] = {"epochs": 3, "batch_size": 8, "device": "cpu", **fields}
        return Recipe(**{**basis.__dict__, **values})

    return make


@pytest.fixture
def head_on_frozen_body(recipe_for: Callable[..., Recipe], tmp_path: Path) -> Callable[..., Recipe]:
    """The head of a SqueezeNet of random values, as if they were pretrained."""
    torch.manual_seed(3)
    weights = tmp_path / "squeezenet1_1.pth"
    torch.save(builder.build("squeezenet1_1", 10, 32).state_dict(), weights)

    def make(**fields: object) -> Recipe:
        basis = {"model": "squeezenet1_1", "weights": str(weights), "image_size": 32}
        return recipe_for(**basis, unfreeze="head", **fields)

    return make


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
