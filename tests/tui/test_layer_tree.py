"""Ticking layers."""

import pytest
from textual.app import App, ComposeResult

from bear_tui.errors import BadInput
from bear_tui.layers import stages, summary
from bear_tui.tui.widgets.layer_tree import LayerTree
from tests.tui.layer_lists import resnet, squeeze, vgg


class Alone(App[None]):
    """The tree alone."""

    def __init__(self) -> None:
        super().__init__()
        self.specs: list[str] = []

    def compose(self) -> ComposeResult:
        yield LayerTree()

    def on_layer_tree_changed(self, event: LayerTree.Changed) -> None:
        self.specs.append(event.spec)


def text_of(app: App[None]) -> list[str]:
    """What stands on the screen."""
    tree = app.query_one(LayerTree)
    return [tree.render_line(y).text.rstrip() for y in range(tree.size.height)]


async def test_space_ticks_a_group_with_all_below_and_the_head_stays() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        tree = app.query_one(LayerTree)
        tree.load(vgg(), "head")
        assert tree.checked == {"classifier.7"}
        await pilot.press("space")
        assert app.specs[-1] == "features,classifier.7"
        await pilot.press("space")
        assert app.specs[-1] == "head"
        told = len(app.specs)
        await pilot.press("end", "space")
        assert len(app.specs) == told
        assert [note.message for note in app._notifications] == ["The head learns in any case."]


async def test_h_and_a_and_stages_from_the_end() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        app.query_one(LayerTree).load(resnet(), "head")
        await pilot.press("u")
        assert app.specs[-1] == "layer3,fc"
        await pilot.press("u")
        assert app.specs[-1] == "layer2,layer3,fc"
        await pilot.press("U")
        assert app.specs[-1] == "layer3,fc"
        await pilot.press("a")
        assert app.specs[-1] == "all"
        await pilot.press("h", "U")
        assert app.specs[-1] == "head"


async def test_one_stage_fewer_than_the_head_alone_is_the_head_alone() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        tree = app.query_one(LayerTree)
        tree.load(squeeze(), "head")
        assert len(stages(tree.model_layers)[-1]) > 1, "its last stage holds more than the head"
        await pilot.press("U")
        assert tree.checked == {"classifier.1"}
        await pilot.press("u")
        assert app.specs[-1] == "features.3,classifier"
        await pilot.press("u")
        assert app.specs[-1] == "all"
        await pilot.press("U", "U")
        assert app.specs[-1] == "head"


async def test_the_rows_say_what_is_trained_and_what_it_makes() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        tree = app.query_one(LayerTree)
        tree.load(vgg(size=224), "features.24,features.26,features.28")
        await pilot.pause()
        lines = text_of(app)
        assert lines[0].startswith("▾ [-] features  13 conv")
        assert lines[0].endswith("512 x 7 x 7   14,714,688")
        assert lines[4].startswith("  ▸ [ ] stage 4  3 conv")
        assert lines[5].startswith("  ▸ [x] stage 5  3 conv")
        assert "trainable 7,087,618 of" in summary(tree.chosen_layers)


async def test_groups_open_and_close_and_leaves_lead_back_to_them() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        tree = app.query_one(LayerTree)
        tree.load(resnet(), "all")
        await pilot.press("down", "right")
        await pilot.pause()
        assert tree.count() == 8
        await pilot.press("right", "left", "left")
        assert tree.count() == 6
        assert tree.cursor == 1


async def test_another_size_keeps_what_is_open_and_where_the_cursor_is() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        tree = app.query_one(LayerTree)
        tree.load(resnet(), "head")
        await pilot.press("down", "right", "down")
        tree.load(resnet(classes=3), "head")
        assert (tree.cursor, tree.count()) == (2, 8)


async def test_an_unknown_layer_is_refused_and_the_head_still_trained() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)):
        tree = app.query_one(LayerTree)
        with pytest.raises(BadInput, match="no layer has that name"):
            tree.load(resnet(), "layer9")
        assert tree.checked == {"fc"}


async def test_keys_on_no_model_do_nothing() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("space", "u", "U", "a", "h", "right", "left", "down")
        assert app.specs == []


async def test_names_from_outside_are_shown_and_do_nothing_else() -> None:
    from dataclasses import replace

    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        layers = [replace(resnet()[0], name="\x1b[2J[red]x[/]"), *resnet()[1:]]
        app.query_one(LayerTree).load(layers, "all")
        await pilot.pause()
        assert "\x1b" not in "".join(text_of(app))
        assert "[red]x[/]" in text_of(app)[0]
