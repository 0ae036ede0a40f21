from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from bear_tui import recipe_check
from bear_tui.catalog import MODELS
from bear_tui.engine.compute import device
from bear_tui.engine.fit import fit
from bear_tui.engine.inputs import prefix, row_storage
from bear_tui.engine.inputs.batch import Batch
from bear_tui.engine.inputs.batches import shard_of
from bear_tui.engine.inputs.prefix import Cut
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.models import builder, freezing
from bear_tui.engine.setup.prepare import Setup, prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.engine.training.cuda_graph import Sums
from bear_tui.engine.training.step import Stepper
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from tests.engine.conftest import draw_photos

pytestmark = pytest.mark.slow  # together more than half a minute


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


def test_the_cut_comes_after_the_last_layer_that_is_frozen_and_not_random() -> None:
    model = builder.build("vgg11", 2, 32)
    freezing.freeze(model, "head")
    freezing.train_mode(model)
    images = torch.rand(2, 3, 32, 32)
    cut = prefix.cut(model, images)
    assert cut is not None
    # After classifier.1, the first ReLU of the classifier; dropout stays live behind it.
    assert [tuple(value.shape) for value in cut.before(images)] == [(2, 4096)]
    torch.manual_seed(1)
    first = cut.after(*cut.before(images))
    assert not first.equal(cut.after(*cut.before(images)))


def test_a_model_of_which_nothing_is_frozen_is_not_cut() -> None:
    model = builder.build("resnet18", 2, 32)
    freezing.freeze(model, "all")
    freezing.train_mode(model)
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


@pytest.mark.slow
def test_every_classifier_of_torchvision_is_cut_right_before_its_head() -> None:
    behind = {}
    for name, entry in MODELS.items():
        if entry.weights_file:
            model = builder.build_without_weights(name, 2, entry.image_size)
            freezing.freeze(model, "head")
            freezing.train_mode(model)
            cut = prefix.parts(model)
            assert cut is not None, name
            layers = dict.fromkeys(n.rpartition(".")[0] for n, _ in cut.after.named_parameters())
            assert builder.head_name(model) in layers, name
            behind[name] = len(layers)
    assert len(behind) >= 80
    # These drop values at random in front of a frozen layer.
    more = {name for name, layers in behind.items() if layers > 1}
    assert more == {name for name in behind if name == "alexnet" or name.startswith("vgg")}


@pytest.fixture(scope="module")
def few_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 + 4 photos to train on, one a class to validate and to test."""
    root = tmp_path_factory.mktemp("few")
    for split, count in (("train", 4), ("validation", 1), ("test", 1)):
        draw_photos(root / split / "red", count, (190, 70, 70), count)
        draw_photos(root / split / "green", count, (70, 190, 70), count + 10)
    return root


def _give_statistics(model: nn.Module, size: int) -> None:
    """Those of noise: without them random weights leave nothing of a photo at the end."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.rand(8, 3, size, size))


Learnt = tuple[list[float], dict[str, Tensor]]


def _learn(setup: Setup, epochs: int = 2) -> Learnt:
    """The loss of every step, and the weights after them, by the same code as in a run."""
    with closing(BatchSource(setup)) as inputs:
        stepper = Stepper(setup, inputs)
        freezing.train_mode(setup.model)
        losses = [
            stepper.step(shard_of("train", epoch, step, photos), 0.01).loss.item()
            for epoch in range(1, epochs + 1)
            for step, photos in enumerate(inputs.batches("train", epoch))
        ]
    return losses, {n: p.detach().clone() for n, p in setup.model.named_parameters()}


def _step_losses(recipe: Recipe, epochs: int = 2) -> list[float]:
    return _learn(prepare(resolve(recipe)), epochs)[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "at_once"),
    # In parts: dropout, and a BatchNorm that learns and takes its batch whole.
    [*((model, 0) for model in CHECKLISTS), ("squeezenet1_1", 2), ("resnet18", 2)],
)
def test_every_family_learns_from_kept_values_as_from_photos_to_the_last_bit(
    model: str, at_once: int, few_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Random weights, and a ViT smaller than its official weights fit: a recipe allows neither.
    monkeypatch.setattr(recipe_check, "check", lambda _recipe: None)
    size = 32 if model in ("vgg16", "vit_b_16") else 64
    if at_once:
        monkeypatch.setattr(device, "_CPU_PIXELS", at_once * size**2 // device._FROZEN_FACTOR)
    basis = default_recipe(str(few_photos), model, "none", "head", size)
    # SGD: its steps are as large as the gradients, so a wrong bit anywhere shows in the weights.
    # Two steps an epoch; one where 100 million parameters learn.
    photos = 8 if model == "vgg16" else 4
    basis = replace(basis, batch_size=photos, device="cpu", augment="none", optimizer="sgd")
    setup = prepare(resolve(basis))
    _give_statistics(setup.model, size)
    start = {name: tensor.clone() for name, tensor in setup.model.state_dict().items()}
    cut_for_real = prefix.cut
    for spec in CHECKLISTS[model]:
        recipe = replace(basis, unfreeze=spec)
        freezing.freeze(setup.model, spec)
        learnt: list[Learnt] = []
        for cut in (cut_for_real, lambda *_: None):
            made: list[Cut | None] = []

            def noting(
                model: nn.Module,
                sample: Tensor,
                cut: Callable[..., Cut | None] = cut,
                made: list[Cut | None] = made,
            ) -> Cut | None:
                made.append(cut(model, sample))
                return made[-1]

            monkeypatch.setattr(prefix, "cut", noting)
            setup.model.load_state_dict(start)
            learnt.append(_learn(replace(setup, recipe=recipe)))
            assert (made[0] is None) == (len(learnt) == 2), spec
        monkeypatch.setattr(prefix, "cut", cut_for_real)
        (losses, weights), (plain_losses, plain_weights) = learnt
        assert losses == plain_losses, spec
        assert all(tensor.equal(plain_weights[name]) for name, tensor in weights.items()), spec
        moved = {name for name, tensor in weights.items() if not tensor.equal(start[name])}
        assert moved <= {n for n, p in setup.model.named_parameters() if p.requires_grad}, spec
        assert moved, spec


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
        torch.save(builder.build(model, 10, 32).state_dict(), path)
        return str(path)

    return make


@pytest.mark.parametrize(
    ("model", "spec", "at_once", "batch_size"),
    [
        ("squeezenet1_1", "head", 8, 8),
        ("mobilenet_v2", "features.18", 8, 8),
        ("resnet18", "layer4.1", 8, 8),
        # As 40 photos at 224 pixels go through in parts; and with a last photo that joins a batch.
        ("squeezenet1_1", "head", 4, 8),
        ("mobilenet_v2", "features.18", 2, 8),
        ("squeezenet1_1", "head", 40, 13),
    ],
)
def test_losses_with_kept_values_are_those_without_to_the_last_bit(
    model: str,
    spec: str,
    at_once: int,
    batch_size: int,
    recipe_for: MakeRecipe,
    weights: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts: set[int] = set()
    in_parts = Stepper._in_parts

    def noting(self: Stepper, given: Batch, sizes: list[int], *more: Any) -> Sums:
        parts.add(max(sizes))
        return in_parts(self, given, sizes, *more)

    monkeypatch.setattr(Stepper, "_in_parts", noting)
    monkeypatch.setattr(device, "_CPU_PIXELS", at_once * 32**2 // device._FROZEN_FACTOR)
    recipe = recipe_for(
        model=model,
        weights=weights(model),
        unfreeze=spec,
        image_size=32,
        batch_size=batch_size,
        augment="none",
    )
    kept = _losses(recipe, tmp_path / "kept")
    assert max(parts) == min(at_once, batch_size + 1)
    monkeypatch.setattr(prefix, "cut", lambda *_: None)
    assert kept == _losses(recipe, tmp_path / "plain")


@pytest.mark.parametrize(
    ("augment", "views", "epochs_of_training_photos"),
    [("none", 8, 1), ("light", 8, 3), ("light", 0, 3), ("light", 2, 2)],
)
def test_frozen_layers_see_each_view_of_a_photo_once(
    augment: str,
    views: int,
    epochs_of_training_photos: int,
    recipe_for: MakeRecipe,
    weights: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = 0
    build = builder.build

    def counting(*arguments: object) -> nn.Module:
        model = build(*arguments)  # type: ignore[arg-type]

        def count(_module: nn.Module, inputs: tuple[Tensor]) -> None:
            nonlocal seen
            if not inputs[0].is_meta:
                seen += len(inputs[0])

        model.get_submodule("features.0").register_forward_pre_hook(count)
        return model

    monkeypatch.setattr(builder, "build", counting)
    file = weights("squeezenet1_1")
    recipe = recipe_for(
        model="squeezenet1_1",
        weights=file,
        unfreeze="head",
        image_size=32,
        augment=augment,
        views=views,
    )
    list(fit(recipe, RunFolder(tmp_path / "run"), Control()))
    trial = 2 * 3  # the cut is tried on two black and white photos: in parts, whole, for its size
    # 40 photos to train on, 8 to validate, 12 to test.
    assert seen == 40 * epochs_of_training_photos + 8 + 12 + trial


def test_kept_views_are_those_of_the_first_epochs_to_the_last_bit(
    recipe_for: MakeRecipe, weights: Callable[[str], str]
) -> None:
    # squeezenet1_1 drops values at random behind the cut.
    recipe = recipe_for(
        model="squeezenet1_1",
        weights=weights("squeezenet1_1"),
        unfreeze="head",
        image_size=32,
        augment="standard",
        scheduler="none",
    )
    kept = _step_losses(replace(recipe, views=2, epochs=4), epochs=4)
    fresh = _step_losses(replace(recipe, views=0, epochs=4), epochs=4)
    half = len(kept) // 2
    assert kept[:half] == fresh[:half]
    assert kept[half:] != fresh[half:]


def test_values_that_memory_has_no_room_for_are_kept_in_a_file_that_leaves_nothing(
    recipe_for: MakeRecipe,
    weights: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = recipe_for(
        model="mobilenet_v2", weights=weights("mobilenet_v2"), unfreeze="head", image_size=32
    )
    in_memory = _step_losses(recipe)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(row_storage, "free_memory", lambda _device: 0)
    assert _step_losses(recipe) == in_memory
    left = (tmp_path / "cache" / "bear-tui").iterdir()
    assert [path for path in left if path.name != "looks"] == []


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


def test_a_model_is_traced_while_other_threads_run_and_trace_theirs() -> None:
    def frozen(name: str) -> nn.Module:
        model = builder.build(name, 2, 32)
        freezing.freeze(model, "head")
        return model.eval()

    running, first, second = (
        frozen(name) for name in ("resnet18", "mobilenet_v2", "squeezenet1_1")
    )
    images = torch.rand(2, 3, 32, 32)
    expected = running(images)
    alone = [_cut_names(model) for model in (first, second)]
    with ThreadPoolExecutor(3) as threads:
        ran = [threads.submit(running, images) for _ in range(40)]
        traced = [threads.submit(_cut_names, one) for one in (first, second) * 8]
        for answer in ran:
            assert torch.equal(answer.result(), expected)
        assert [one.result() for one in traced] == alone * 8


def _cut_names(model: nn.Module) -> list[str]:
    made = prefix.parts(model)
    assert made is not None
    return [str(node) for part in (made.before, made.after) for node in part.graph.nodes]
