"""Keys that a sentence names work where it is read."""

from pathlib import Path

from textual.widgets import Static

from bear_tui.recipe_defaults import default_recipe
from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.model import ModelScreen
from bear_tui.tui.toolkit.key_hints import way
from bear_tui.tui.widgets.layer_tree import LayerTree
from bear_tui.tui.widgets.path_input import PathInput
from bear_tui.tui.widgets.recipe_form import RecipeForm
from tests.tui.app_screen import shown, until
from tests.tui.test_queue import Engine


def text(app: BearApp, selector: str) -> str:
    return str(app.screen.query_one(selector, Static).render())


async def test_what_a_notice_says_to_press_works_from_a_field_too(tmp_path: Path) -> None:
    engine = Engine()
    app = BearApp(runs=tmp_path, fit=engine.fit)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.training.start(default_recipe("/photos", "mlp"))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        assert way(app, "5", "n") == "5, then n"
        app.screen.query_one(RecipeForm).focus_field("epochs")
        await pilot.pause()
        app.training.start(default_recipe("/photos", "mlp"))
        await until(pilot, lambda: bool(app._notifications))
        assert "(esc, 5, then n)" in list(app._notifications)[-1].message
        await pilot.press("escape", "5", "n")
        await until(pilot, lambda: "Queue of trainings" in shown(app))
        assert way(app, "3", "s") == "s on screen 3", "a sheet has other keys"
        engine.over |= {"", "mlp"}


async def test_model_names_the_key_to_the_photos_as_it_works(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        assert text(app, "#ready") == "! Choose the photos first: key 1."
        await pilot.press("slash")
        await until(pilot, lambda: "first: esc, then key 1." in text(app, "#ready"))
        await pilot.press("escape", "1")
        await until(pilot, lambda: app.current_mode == "dataset")


async def test_the_ways_in_name_their_keys_as_they_work(tmp_path: Path) -> None:
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "o, then type or paste a path" in shown(app))
        assert "each. p prepares" in " ".join(text(app, "#needed").split())
        await pilot.press("o")
        await until(pilot, lambda: "tab completes the path, enter opens it" in shown(app))
        assert "each. esc, then p prepares" in " ".join(text(app, "#needed").split())
        assert app.screen.query_one(PathInput).has_focus
        await pilot.press("escape", "p")
        await until(pilot, lambda: "prepare photos" in shown(app))


async def test_the_tree_has_the_keyboard_after_a_recipe_was_copied(tmp_path: Path) -> None:
    """The notice names z, which is a letter in a field."""
    app = BearApp(runs=tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ModelScreen))
        form = app.screen.query_one(RecipeForm)
        form.focus_field("seed")
        await pilot.press("5")
        app.navigation.use_recipe(default_recipe(str(tmp_path), "mlp"), photos=False)
        await until(pilot, lambda: app.current_mode == "model" and form.draft.model == "mlp")
        await until(pilot, lambda: isinstance(app.screen.focused, LayerTree))
        assert "z brings back yours" in list(app._notifications)[-1].message
        await pilot.press("z")
        await until(pilot, lambda: form.draft.model != "mlp")
