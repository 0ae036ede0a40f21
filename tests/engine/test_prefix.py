from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from bear_tui.engine import models, prefix
from bear_tui.engine.fit import fit
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

MakeRecipe = Callable[..., Recipe]

# Three checklists a family: the head, a block before it, and a part of one.
CHECKLISTS = {
    "vgg16": ("head", "classifier", "features.2?,classifier"),
    "resnet18": ("head", "layer4", "layer4.1.conv2"),
    "mobilenet_v2": ("head", "features.18", "features.1?"),
    "densenet121": ("head", "features.norm5", "features.denseblock4.denselayer16"),
    "efficientnet_b0": ("head", "features.8", "features.7"),
    "convnext_tiny": ("head", "classifier", "features.7.2"),
    "vit_b_16": ("head", "encoder.ln", "encoder.layers.encoder_layer_11"),
    "swin_t": ("head", "norm", "features.7.1"),
    "googlenet": ("head", "inception5b", "inception5b.branch1"),
    "squeezenet1_1": ("head", "features.12", "features.12.squeeze"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKLISTS)
def test_every_family_is_cut_without_changing_a_bit(name: str) -> None:
    size = 32 if name == "vgg16" else 64
    model = models.build(name, 3, size)
    images = torch.rand(3, 3, size, size)
    for spec in CHECKLISTS[name]:
        models.freeze(model, spec)
        models.train_mode(model)
        cut = prefix.cut(model, images)
        assert cut is not None, spec
        torch.manual_seed(5)
        whole = model(images)
        torch.manual_seed(5)
        assert cut.after(*cut.before(images)).equal(whole), spec
        learning = [p for p in model.parameters() if p.requires_grad]
        in_after = {id(p) for p in cut.after.parameters()}
        assert all(id(p) in in_after for p in learning), spec


def test_the_cut_comes_after_the_last_layer_that_is_frozen_and_not_random() -> None:
    model = models.build("vgg11", 2, 32)
    models.freeze(model, "head")
    models.train_mode(model)
    images = torch.rand(2, 3, 32, 32)
    cut = prefix.cut(model, images)
    assert cut is not None
    # After classifier.1, the first ReLU of the classifier; dropout stays live behind it.
    assert [tuple(value.shape) for value in cut.before(images)] == [(2, 4096)]
    torch.manual_seed(1)
    first = cut.after(*cut.before(images))
    assert not first.equal(cut.after(*cut.before(images)))


def test_a_model_of_which_nothing_is_frozen_is_not_cut() -> None:
    model = models.build("resnet18", 2, 32)
    models.freeze(model, "all")
    models.train_mode(model)
    assert prefix.cut(model, torch.rand(2, 3, 32, 32)) is None


def test_a_model_that_branches_on_its_input_is_not_cut() -> None:
    class Branching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(4, 4).requires_grad_(False)
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.first(x)
            logits: Tensor = self.head(x if x.sum() > 0 else -x)
            return logits

    assert prefix.cut(Branching(), torch.rand(2, 4)) is None


def _losses(recipe: Recipe, folder: Path) -> list[float]:
    told = list(fit(recipe, RunFolder(folder), Control()))
    assert isinstance(told[-1], e.RunCompleted), told[-1]
    tests = [ev.loss for ev in told if isinstance(ev, e.TestCompleted)]
    return [ev.loss for ev in told if isinstance(ev, e.PhaseCompleted)] + tests


@pytest.fixture
def weights(tmp_path: Path) -> Callable[[str], str]:
    """A weights file of random values for a model: what is frozen has to come from somewhere."""

    def make(model: str) -> str:
        torch.manual_seed(3)
        path = tmp_path / f"{model}.pth"
        torch.save(models.build(model, 10, 32).state_dict(), path)
        return str(path)

    return make


@pytest.mark.parametrize(
    ("model", "spec"),
    [("squeezenet1_1", "head"), ("mobilenet_v2", "features.18"), ("resnet18", "layer4.1")],
)
def test_losses_with_kept_values_are_those_without_to_the_last_bit(
    model: str,
    spec: str,
    recipe_for: MakeRecipe,
    weights: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = recipe_for(
        model=model, weights=weights(model), unfreeze=spec, image_size=32, augment="none"
    )
    kept = _losses(recipe, tmp_path / "kept")
    monkeypatch.setattr(prefix, "cut", lambda *_: None)
    assert kept == _losses(recipe, tmp_path / "plain")


@pytest.mark.parametrize(("augment", "epochs_of_training_photos"), [("none", 1), ("light", 3)])
def test_frozen_layers_see_each_photo_once(
    augment: str,
    epochs_of_training_photos: int,
    recipe_for: MakeRecipe,
    weights: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = 0
    build = models.build

    def counting(*arguments: object) -> nn.Module:
        model = build(*arguments)  # type: ignore[arg-type]

        def count(_module: nn.Module, inputs: tuple[Tensor]) -> None:
            nonlocal seen
            if not inputs[0].is_meta:
                seen += len(inputs[0])

        model.get_submodule("features.0").register_forward_pre_hook(count)
        return model

    monkeypatch.setattr(models, "build", counting)
    file = weights("squeezenet1_1")
    recipe = recipe_for(
        model="squeezenet1_1", weights=file, unfreeze="head", image_size=32, augment=augment
    )
    list(fit(recipe, RunFolder(tmp_path / "run"), Control()))
    trial = 2 * 3  # the cut is tried on two photos: in parts, whole, and for its size
    # 40 photos to train on, 8 to validate, 12 to test.
    assert seen == 40 * epochs_of_training_photos + 8 + 12 + trial


def test_a_run_with_kept_values_resumes_to_the_last_bit(
    recipe_for: MakeRecipe, weights: Callable[[str], str], tmp_path: Path
) -> None:
    recipe = recipe_for(
        model="mobilenet_v2",
        weights=weights("mobilenet_v2"),
        unfreeze="head",
        image_size=32,
        augment="none",
    )

    class StopInSecondEpoch(Control):
        calls = 0

        def obey(self) -> str:
            self.calls += 1
            return "stop" if self.calls > 9 else ""

    list(fit(recipe, RunFolder(tmp_path / "parts"), StopInSecondEpoch()))
    list(fit(recipe, RunFolder(tmp_path / "parts"), Control()))
    list(fit(recipe, RunFolder(tmp_path / "whole"), Control()))
    rows = [
        [(row.train_loss, row.validation_loss) for row in RunFolder(tmp_path / n).state().history]
        for n in ("parts", "whole")
    ]
    assert rows[0] == rows[1]
