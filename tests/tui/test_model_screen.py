"""Screen 2 by keyboard alone."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from textual.pilot import Pilot
from textual.widgets import Input, Static

from bear_tui.catalog import find_model
from bear_tui.data.dataset import open_dataset
from bear_tui.engine.models import builder
from bear_tui.errors import BadInput
from bear_tui.forecast import Estimate, RateCurve, rising_rates
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.session import engine
from bear_tui.tui.session.engine import check_weights
from bear_tui.tui.session.training import TrainingSession
from bear_tui.tui.widgets.catalogue import Catalogue
from bear_tui.tui.widgets.estimate_line import EstimateLine
from bear_tui.tui.widgets.form import Field
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.recipe_form import RecipeForm
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.layer_lists import resnet, vgg
from tests.tui.photo_folders import class_folders, settle

Describe = Callable[[str, int, int, str], list[Layer]]


def described(model: str, image_size: int, classes: int, _spec: str) -> list[Layer]:
    return vgg(classes, image_size) if model.startswith("vgg") else resnet(classes)


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "layers", described)


class Started:
    """What the app was asked to train, and what it said."""

    def __init__(self) -> None:
        self.recipes: list[Recipe] = []
        self.said: list[str] = []


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def app(tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch) -> BearApp:
    app = BearApp(runs=tmp_path / "runs")
    monkeypatch.setattr(app.training, "start", started.recipes.append)
    monkeypatch.setattr(app, "say", lambda sentence, _severity: started.said.append(sentence))
    return app


async def go(app: BearApp, pilot: Pilot[Any], photos: Path | None = None) -> ModelScreen:
    """To screen 2, with a dataset if there is one."""
    if photos is not None:
        app.photos.dataset.set(open_dataset(photos))
    await pilot.press("2")
    await settle(pilot)
    assert isinstance(app.screen, ModelScreen)
    return app.screen


def text(screen: ModelScreen, selector: str) -> str:
    return str(screen.query_one(selector, Static).render())


def field(screen: ModelScreen, name: str) -> Field:
    return screen.query_one(f"#field-{name.replace('_', '-')}", Field)


async def test_without_photos_it_says_where_to_choose_them(app: BearApp, started: Started) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        assert text(screen, "#ready") == "! Choose the photos first: key 1."
        await pilot.press("enter")
        assert started.recipes == []
        assert started.said == ["Choose the photos first: key 1."]


async def test_from_the_photos_to_the_training_by_keyboard(
    app: BearApp, started: Started, tmp_path: Path
) -> None:
    photos = class_folders(tmp_path / "photos")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot, photos)
        await pilot.press("slash", *"resnet18", "enter")
        await settle(pilot)
        assert screen.draft.model == "resnet18"
        await pilot.press("u", "enter")
        (recipe,) = started.recipes
        assert (recipe.model, recipe.unfreeze) == ("resnet18", "layer3,fc")
        assert recipe.data == str(photos)
        assert recipe.learning_rate == default_recipe("", "resnet18", None, "x").learning_rate
        assert app.settings.now.model == "resnet18"


async def test_the_lesson_follows_size_and_classes(app: BearApp, tmp_path: Path) -> None:
    photos = class_folders(tmp_path / "photos", names=("bear", "cat", "dog"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, photos)
        await pilot.press("slash", *"scratch", "enter")
        await settle(pilot)
        assert "512 x 1 x 1 = 512 numbers" in text(screen, "#lesson")
        assert "→ 3 classes" in text(screen, "#lesson")
        screen.query_one(RecipeForm).focus_field("image_size")
        await pilot.press("end", "backspace", "backspace", *"228")
        await pilot.pause(0.4)
        await settle(pilot)
        await pilot.press("escape")
        assert "512 x 7 x 7 = 25,088 numbers" in text(screen, "#lesson")


async def test_a_field_in_error_says_why_and_blocks_the_start(
    app: BearApp, started: Started, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, class_folders(tmp_path / "photos"))
        screen.query_one(RecipeForm).focus_field("epochs")
        await pilot.press("end", *["backspace"] * 3, "0", "escape", "ctrl+r")
        assert started.recipes == []
        assert field(screen, "epochs").has_class("-wrong")
        assert text(screen, "#field-epochs .trouble").startswith("! must be 1 or more")
        assert text(screen, "#ready").startswith("! epochs: must be 1 or more")
        await pilot.press("backspace", "4", "ctrl+r")
        assert [recipe.epochs for recipe in started.recipes] == [4]


async def test_arrows_go_from_field_to_field(app: BearApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, None)
        screen.query_one(RecipeForm).focus_field("epochs")
        await pilot.press("down", "end", "backspace", "backspace", "8", "down", "up", "up")
        assert field(screen, "batch_size").text == "8"
        assert screen.focused is field(screen, "epochs").query_one(Input)


async def test_typing_faster_than_the_form_follows_loses_nothing(app: BearApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, None)
        epochs = field(screen, "epochs").query_one(Input)
        seed = field(screen, "seed").query_one(Input)
        for text in ("", "5", "57"):
            epochs.value, seed.value = text, text
        await settle(pilot)
        recipe, _ = screen.query_one(RecipeForm).draft.read()
        assert (epochs.value, seed.value, recipe.epochs, recipe.seed) == ("57", "57", 57, 57)


async def test_ctrl_r_starts_from_a_field_too(
    app: BearApp, started: Started, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, class_folders(tmp_path / "photos"))
        screen.query_one(RecipeForm).focus_field("name")
        await pilot.press(*"c/1 2", "ctrl+r")
        assert [recipe.name for recipe in started.recipes] == ["c/1 2"]


async def test_c_takes_the_courses_values_and_gives_them_back(app: BearApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        usual = screen.draft.read()[0]
        await pilot.press("c")
        assert screen.draft.read()[0].epochs == 25
        assert screen.query_one("#recipe").border_title == "recipe · the course's values"
        await pilot.press("c")
        assert screen.draft.read()[0] == usual


async def test_z_takes_back_what_dropped_layers_that_were_ticked_by_hand(app: BearApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        tree = screen.query_one(LayerTree)
        await pilot.press("down", "space")
        await settle(pilot)
        model, by_hand = screen.draft.model, tree.spec
        assert by_hand not in ("head", "all")
        for keys in (["h"], ["a"], ["u"], ["a", "U"], ["slash", *"resnet18", "enter"]):
            await pilot.press(*keys)
            await settle(pilot)
            assert (screen.draft.model, tree.spec) != (model, by_hand)
            await pilot.press(*["z"] * (2 if keys == ["a", "U"] else 1))
            await settle(pilot)
            assert (screen.draft.model, tree.spec) == (model, by_hand)
            assert screen.query_one(Catalogue).chosen == model


async def test_z_is_a_letter_in_a_field_and_says_where_nothing_was_changed(
    app: BearApp, started: Started
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        await pilot.press("z")
        assert started.said == ["Nothing was changed here yet."]
        screen.query_one(RecipeForm).focus_field("name")
        await pilot.press("z")
        assert field(screen, "name").text == "z"


async def test_random_weights_tick_all_layers(app: BearApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        tree = screen.query_one(LayerTree)
        assert tree.spec == "head"
        screen.query_one(RecipeForm).focus_field("weights")
        await pilot.press("right")
        await settle(pilot)
        assert screen.draft.read()[0].weights == "none"
        assert tree.spec == "all"


async def test_a_copied_recipe_fills_form_and_ticks(app: BearApp, tmp_path: Path) -> None:
    photos = class_folders(tmp_path / "photos")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, photos)
        copied = default_recipe("/elsewhere", "resnet18", unfreeze="layer2,layer3,fc")
        app.training.recipe.set(copied)
        await settle(pilot)
        assert screen.query_one(LayerTree).spec == "layer2,layer3,fc"
        assert screen.query_one(Catalogue).chosen == "resnet18"
        assert screen.draft.read()[0].data == str(photos)


async def test_a_recipe_that_was_edited_since_is_copied_again(app: BearApp, tmp_path: Path) -> None:
    photos = class_folders(tmp_path / "photos")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, photos)
        copied = default_recipe(str(photos), "resnet18", unfreeze="layer2,layer3,fc")
        app.navigation.use_recipe(copied)
        await settle(pilot)
        screen.query_one(LayerTree).focus()
        await pilot.press("a")
        await until(pilot, lambda: screen.draft.unfreeze == "all")
        await pilot.press("5")
        app.navigation.use_recipe(copied)
        await settle(pilot)
        assert app.screen is screen
        assert screen.query_one(LayerTree).spec == screen.draft.unfreeze == copied.unfreeze


async def test_photos_that_can_no_longer_be_used_are_no_longer_trained_on(
    app: BearApp, tmp_path: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, class_folders(tmp_path / "photos"))
        await pilot.press("5")
        app.photos.dataset.set(None)
        await pilot.press("2")
        await settle(pilot)
        assert screen.draft.data == ""
        assert "Choose the photos first" in text(screen, "#ready")


async def test_a_copied_recipe_with_unknown_layers_is_said_and_the_head_ticked(
    app: BearApp,
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        app.training.recipe.set(default_recipe("/p", "resnet18", unfreeze="layer9"))
        await settle(pilot)
        assert "layer9: no layer has that name" in text(screen, "#layers-note")
        assert screen.query_one(LayerTree).spec == "head"


async def test_what_is_not_there_is_not_ready(
    app: BearApp, started: Started, tmp_path: Path
) -> None:
    photos = class_folders(tmp_path / "photos")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, photos)
        await until(pilot, lambda: text(screen, "#ready").startswith("ready"))
        app.training.recipe.set(default_recipe(str(photos), "resnet18", unfreeze="layer9"))
        await until(pilot, lambda: "layers: layer9" in text(screen, "#ready"))
        await pilot.press("ctrl+r")
        await pilot.press("h")
        await until(pilot, lambda: text(screen, "#ready").startswith("ready"))
        assert not screen.query_one("#layers-note").display
        photos.rename(tmp_path / "moved")
        await pilot.press("a")
        await until(pilot, lambda: "photos is not there." in text(screen, "#ready"))
        await pilot.press("ctrl+r")
        assert "is not there. Choose the photos first" in started.said[-1]
        assert started.recipes == []


async def test_while_the_layers_are_read_it_says_so(
    app: BearApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(*asked: Any) -> list[Layer]:
        gate.wait(10)
        return described(*asked)

    monkeypatch.setattr(engine, "layers", slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert isinstance(app.screen, ModelScreen)
        assert text(app.screen, "#layers-note") == "reading the layers of mobilenet_v2 …"
        gate.set()
        await settle(pilot)
        assert not app.screen.query_one("#layers-note").display
        assert text(app.screen, "#summary").startswith("trainable 66 of")


@pytest.mark.parametrize(
    "error", [BadInput("vgg16 needs [red]more[/] \x1b[2J"), RuntimeError("[/] \x1b[2J")]
)
async def test_layers_that_cannot_be_read_are_a_sentence(
    app: BearApp, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: Any) -> list[Layer]:
        raise error

    monkeypatch.setattr(engine, "layers", broken)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        note = text(screen, "#layers-note")
        assert "[/]" in note
        assert "\x1b" not in note
        assert screen.query_one(LayerTree).count() == 0


async def test_a_model_asked_for_later_wins(app: BearApp, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def slow_first(model: str, size: int, classes: int, spec: str) -> list[Layer]:
        if model == "mobilenet_v2":
            gate.wait(10)
        return described(model, size, classes, spec)

    monkeypatch.setattr(engine, "layers", slow_first)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "slash", *"scratch", "enter")
        await pilot.pause(0.1)
        gate.set()
        await settle(pilot)
        names = [layer.name for layer in app.screen.query_one(LayerTree).model_layers]
        assert names[0] == "features.0"


async def test_the_search_finds_by_family_and_gives_up_on_escape(app: BearApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        catalogue = screen.query_one(Catalogue)
        full = catalogue.count()
        await pilot.press("slash", *"swin v2")
        assert catalogue.count() == 3
        await pilot.press("escape")
        assert catalogue.count() == full
        assert app.focused is screen.query_one(LayerTree)


async def test_enter_in_the_search_takes_what_the_cursor_stands_on(app: BearApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        before = screen.draft.model
        await pilot.press("slash", *"nothing of that name", "enter")
        assert screen.draft.model == before
        await pilot.press("escape", "slash", *"swin v2", "down", "down", "up", "enter")
        await settle(pilot)
        assert screen.draft.model == "swin_v2_s"
        assert app.focused is screen.query_one(LayerTree)


async def test_the_head_has_the_classes_of_the_photos_at_once_and_whatever_is_typed(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()

    def describe(model: str, size: int, classes: int, spec: str) -> list[Layer]:
        if classes != 2:
            slow.wait(20)  # a trace may take seconds
        return described(model, size, classes, spec)

    monkeypatch.setattr(engine, "layers", describe)
    two, three = tmp_path / "two", tmp_path / "three"
    class_folders(two)
    class_folders(three, names=("a", "b", "c"))
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            screen = await go(app, pilot, two)
            await until(pilot, lambda: "head 32 → 2" in shown(app))
            app.photos.dataset.set(open_dataset(three))
            await until(pilot, lambda: "head 32 → 3" in shown(app) and "→ 3 classes" in shown(app))
            screen.query_one(RecipeForm).focus_field("image_size")
            await pilot.press("end", "x")
            app.photos.dataset.set(open_dataset(two))
            await until(pilot, lambda: "head 32 → 2" in shown(app))
    finally:
        slow.set()


async def test_the_head_has_the_classes_of_photos_that_are_trained_on_and_not_opened(
    tmp_path: Path,
) -> None:
    photos = str(class_folders(tmp_path / "three", names=("a", "b", "c")))
    events = scripted.completed(classes=("a", "b", "c"))
    app = BearApp(runs=tmp_path / "runs", fit=scripted.fit_of(events[:1], hold=True))
    async with app.run_test(size=(120, 40)) as pilot:
        app.training.start(default_recipe(photos, "mlp"))
        await until(
            pilot,
            lambda: (
                app.training.local_run is not None
                and bool(app.training.local_run.snapshot.state.classes)
            ),
        )
        await pilot.press("2")
        await until(pilot, lambda: "head 32 → 3" in shown(app))
        assert app.training.local_run is not None
        app.training.local_run.stop("enough")


async def test_layers_of_another_size_are_not_explained_before_they_are_read(
    app: BearApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()

    def describe(model: str, size: int, classes: int, spec: str) -> list[Layer]:
        if size == 64:
            slow.wait(20)
        return described(model, size, classes, spec)

    monkeypatch.setattr(engine, "layers", describe)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            screen = await go(app, pilot)
            screen.query_one(RecipeForm).fill(screen.draft.with_text("image_size", "64"))
            screen._follow()
            await until(pilot, lambda: text(screen, "#lesson") == "reading the layers at 64 px …")
            slow.set()
            await until(pilot, lambda: text(screen, "#lesson").startswith("64 px"))
    finally:
        slow.set()


async def test_values_that_follow_the_layers_are_told_and_taken_back(
    app: BearApp, started: Started
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        before = screen.draft.read()[0]
        await pilot.press("a")
        await until(pilot, lambda: screen.draft.read()[0].unfreeze == "all")
        (said,) = started.said
        assert said.startswith("With these layers: ")
        assert "augment none → light" in said
        assert "per stage 1 → 0.03" in said
        await pilot.press("z")
        await until(pilot, lambda: screen.draft.read()[0] == before)


async def test_a_value_that_was_typed_follows_no_layers(app: BearApp, started: Started) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot)
        screen.query_one(RecipeForm).fill(screen.draft.with_text("stage_factor", "0.5"))
        screen._follow()
        await pilot.press("a")
        await until(pilot, lambda: screen.draft.read()[0].unfreeze == "all")
        assert screen.draft.read()[0].stage_factor == 0.5
        assert "per stage" not in started.said[-1]


@pytest.mark.parametrize(("ending", "save"), [("pth", torch.save), ("safetensors", save_file)])
async def test_weights_for_another_model_are_not_ready(
    ending: str,
    save: Callable[[dict[str, torch.Tensor], Path], None],
    app: BearApp,
    started: Started,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, own = tmp_path / f"other.{ending}", tmp_path / f"own weights.{ending}"
    save(builder.build("squeezenet1_1", 10, 64).state_dict(), other)
    save(builder.build("resnet18", 10, 64).state_dict(), own)
    photos, goes_on, check = class_folders(tmp_path / "photos"), threading.Event(), check_weights

    def slowly(*asked: Any) -> None:
        goes_on.wait(20)
        check(*asked)

    monkeypatch.setattr(engine, "check_weights", slowly)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, photos)
        draft = screen.draft.with_model("resnet18").with_text("weights", "file")
        screen._show_draft(draft.with_text("weights_file", str(other)))
        await until(pilot, lambda: text(screen, "#ready") == "checking the weights …")
        await pilot.press("ctrl+r")
        assert "being checked" in started.said[-1]
        goes_on.set()
        await until(pilot, lambda: "file: not for resnet18" in text(screen, "#ready"))
        await pilot.press("ctrl+r")
        assert "not for resnet18" in started.said[-1]
        screen._show_draft(draft.with_text("weights_file", str(own)))
        await until(pilot, lambda: text(screen, "#ready") == "ready: ctrl+r trains on photos")
        own.write_bytes(own.read_bytes()[:1000])
        screen._follow()
        await until(pilot, lambda: "damaged" in text(screen, "#ready"))
        assert started.recipes == []


async def test_a_damaged_file_of_official_weights_is_not_ready(
    app: BearApp, tmp_path: Path
) -> None:
    path = find_model("resnet18").weights_path()
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a download")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await go(app, pilot, class_folders(tmp_path / "photos"))
        screen._show_draft(screen.draft.with_model("resnet18"))
        await until(pilot, lambda: "damaged" in text(screen, "#ready"))
        assert path.name in text(screen, "#ready")


async def test_a_field_explains_itself_where_the_lesson_was(app: BearApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        screen.query_one(RecipeForm).focus_field("patience")
        await pilot.pause()
        assert (
            text(screen, "#lesson") == "epochs without a better val accuracy, then stop; 0: never"
        )


async def test_the_model_of_last_time_is_chosen(app: BearApp) -> None:
    from dataclasses import replace

    app.settings.change(replace(app.settings.now, model="vgg16"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        assert screen.draft.model == "vgg16"
        assert screen.query_one(Catalogue).chosen == "vgg16"


async def test_the_line_under_the_layers_says_what_the_training_will_take(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int, int, int]] = []

    def measured(recipe: Recipe, classes: int, train: int, validation: int) -> Estimate:
        asked.append((recipe.unfreeze, classes, train, validation))
        return Estimate(1_100_000_000, 72.0, 3.0)

    monkeypatch.setattr(engine, "estimate", measured)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        assert text(screen, "#estimate") == ""  # how many photos there are is not known
        dataset = open_dataset(class_folders(tmp_path / "photos"))
        app.photos.dataset.set(dataset)
        await until(pilot, lambda: "GB" in text(screen, "#estimate"))
        assert text(screen, "#estimate") == (
            "300 epochs of 1 step · about 1.1 GB · about 72 s once, then 3 s an epoch"
        )
        await pilot.press("a")
        await until(pilot, lambda: len(asked) == 2)
        counts = (2, len(dataset.train), len(dataset.validation))
        assert asked == [("head", *counts), ("all", *counts)]


async def test_nothing_is_measured_beside_a_training_that_began_meanwhile(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, training = list[str](), False

    def measured(recipe: Recipe, *_: int) -> Estimate:
        asked.append(recipe.unfreeze)
        return Estimate(1_100_000_000, 72.0, 3.0)

    monkeypatch.setattr(engine, "estimate", measured)
    monkeypatch.setattr(TrainingSession, "running", property(lambda _: training))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot)
        line = screen.query_one(EstimateLine)
        app.photos.dataset.set(open_dataset(class_folders(tmp_path / "photos")))
        await until(pilot, lambda: line._question is not None)
        training = True
        await until(pilot, lambda: line._question is None)
        training = False
        assert not asked
        await pilot.press("a")
        await until(pilot, lambda: asked == ["all"])


async def test_f_finds_a_learning_rate_and_enter_takes_it(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = tuple(rising_rates(1e-6, 1.0, 7))
    curve = RateCurve(rates, (0.7, 0.7, 0.6, 0.5, 0.4, 0.1, 0.9))

    def find(_recipe: Recipe, progress: Callable[[int, int], None], _stopped: object) -> RateCurve:
        progress(3, 7)
        return curve

    monkeypatch.setattr(engine, "find_rate", find)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot, class_folders(tmp_path / "photos"))
        await pilot.press("f")
        await until(pilot, lambda: "enter takes 0.01" in shown(app))
        assert "1e-06" in shown(app)
        assert "◆" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert field(screen, "learning_rate").text == "0.01"
        assert screen.draft.read()[0].learning_rate == 0.01


async def test_a_finder_that_cannot_begin_says_why(
    app: BearApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> RateCurve:
        raise BadInput("[/red] no such weights \x1b")

    monkeypatch.setattr(engine, "find_rate", broken)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go(app, pilot, class_folders(tmp_path / "photos"))
        await pilot.press("f")
        await until(pilot, lambda: "no such weights" in shown(app))
        assert "! [/red]" in shown(app)
        assert app.screen.query_one("#said").has_class("error")
        await pilot.press("enter", "escape")
        assert app.screen is screen


async def test_a_wider_terminal_never_makes_the_layers_narrower(app: BearApp) -> None:
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        widths = []
        for width in (80, 99, 100, 110, 119, 120, 150, 200):
            await pilot.resize_terminal(width, 30)
            await settle(pilot)
            widths.append(app.screen.query_one(LayerTree).size.width)
        assert min(widths) == widths[0], widths
