"""Where the keyboard is can be seen, without colour too where a cursor or a border tells it."""

from pathlib import Path

import pytest

from tests.tui.look import still_look
from tests.tui.scenes import SCENES, stage

WALKED = (
    "dataset_used_before",
    "dataset_done",
    "prepare_form",
    "prepare_plan",
    "model_ready",
    "train_log",
    "results_done",
    "predict_done",
)
"""Screens with several parts that take the keyboard."""


@pytest.mark.parametrize("name", WALKED)
async def test_every_part_that_has_the_keyboard_looks_different(name: str, tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        app, before = SCENES[name](here)
        async with app.run_test(size=(120, 40)) as pilot:
            await before(pilot)
            looks: dict[str, str] = {}
            for _ in range(len(app.screen.focus_chain)):
                app.screen.focus_next()
                looks[str(app.focused)] = await still_look(pilot)
            assert len(looks) > 1
            same = [
                (one, other)
                for one, look in looks.items()
                for other, other_look in looks.items()
                if one < other and look == other_look
            ]
            assert same == []
            here.end(app)
