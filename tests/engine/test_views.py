"""How many changed views of a photo are kept: as many as there is room for, and for good."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.activation_cache import fitting
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

ROOM = 600_000
"""Bytes: 48 photos at 32 pixels, and of what is left, the values of two or three views."""


@pytest.fixture
def recipe(head_on_frozen_body: Callable[..., Recipe]) -> Recipe:
    """Four views a photo."""
    return head_on_frozen_body(augment="light", views=4, epochs=6, scheduler="none")


def little_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(row_storage, "free_memory", lambda _place: ROOM)
    patch.setattr(row_storage, "file_room", lambda: 0)


def losses(folder: RunFolder) -> list[tuple[float | None, float | None]]:
    return [(row.train_loss, row.validation_loss) for row in folder.state().history]


def test_the_most_views_that_fit_are_kept_and_never_one_of_several() -> None:
    assert fitting(8, 10, 100, 4, 4 * 1000) == 8
    assert fitting(8, 10, 100, 4, 4 * 350) == 3
    assert fitting(8, 10, 100, 4, 4 * 209) == 0
    assert fitting(1, 10, 100, 4, 4 * 110) == 1
    assert fitting(1, 10, 100, 4, 4 * 109) == 0


def test_only_what_epochs_take_again_has_room(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    in_memory = row_storage.in_memory

    def noting(rows: int, *more: object) -> object:
        made.append(rows)
        return in_memory(rows, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(row_storage, "in_memory", noting)
    # 40 photos to train on and 8 to validate, as bytes first.
    for change, rows in (
        ({}, 8 + 4 * 40),
        ({"mixup": 0.4}, 8),
        ({"epochs": 4}, 8),
        ({"augment": "none", "epochs": 1}, 8 + 40),
    ):
        with closing(BatchSource(prepare(resolve(replace(recipe, **change))))):
            assert made == [48, rows], change
        made.clear()


def test_a_run_goes_on_with_its_views_where_there_is_more_room(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StopInSecondEpoch(Control):
        calls = 0

        def obey(self) -> str:
            self.calls += 1
            return "stop" if self.calls > 9 else ""

    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    with monkeypatch.context() as patch:
        little_room(patch)
        with closing(BatchSource(prepare(resolve(recipe)))) as inputs:
            assert 2 <= inputs.views < 4
        list(fit(recipe, whole, Control()))
        list(fit(recipe, parts, StopInSecondEpoch()))
    with closing(BatchSource(prepare(resolve(recipe)))) as inputs:
        assert inputs.views == 4
    list(fit(recipe, parts, Control()))
    assert losses(parts) == losses(whole)
    fuller = RunFolder(tmp_path / "fuller")
    list(fit(recipe, fuller, Control()))
    assert losses(fuller) != losses(whole)


class MoreEpochs(Control):
    """Asks for six epochs in the first."""

    asked = False

    def take_wanted(self) -> dict[str, float]:
        wanted = {} if self.asked else {"epochs": 6.0}
        self.asked = True
        return wanted


def test_epochs_that_are_added_take_the_same_views_in_turn_whoever_asks_for_them(
    recipe: Recipe, tmp_path: Path
) -> None:
    recipe = replace(recipe, views=3)
    planned, added, resumed = (RunFolder(tmp_path / name) for name in ("p", "a", "r"))
    list(fit(recipe, planned, Control()))
    list(fit(replace(recipe, epochs=3), added, MoreEpochs()))
    list(fit(replace(recipe, epochs=3), resumed, Control()))
    list(fit(recipe, resumed, Control()))
    assert len(losses(planned)) == 6
    assert losses(added) == losses(planned)
    assert losses(resumed) == losses(planned)
