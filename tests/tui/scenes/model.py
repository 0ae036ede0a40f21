"""Scenes of Model and of the learning-rate finder."""

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from bear_tui.data.dataset import open_dataset
from bear_tui.errors import BadInput
from bear_tui.forecast import Estimate, RateCurve, rising_rates
from bear_tui.layers import Layer
from bear_tui.recipe import Recipe
from bear_tui.tui.session import engine
from tests.tui.app_screen import shown, until
from tests.tui.photo_folders import settle
from tests.tui.scenes.fixture import Fixture, scene, then_press

CURVE = RateCurve(
    tuple(rising_rates(1e-5, 1.0, 40)),
    tuple(0.7 - 0.6 * max(0.0, min(1.0, (n - 12) / 18)) + max(0, n - 34) * 0.2 for n in range(40)),
)


def _on_model(fixture: Fixture, photos: bool, *keys: str) -> Any:
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        if photos:
            app.photos.dataset.set(open_dataset(fixture.photos))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return app, prepare


@scene
def model_without_photos(fixture: Fixture) -> Any:
    return _on_model(fixture, False)


@scene
def model_loading(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "layers", fixture.never)
    app = fixture.app()

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        await until(pilot, lambda: "reading the layers" in shown(app))

    return app, prepare


@scene
def model_error(fixture: Fixture) -> Any:
    def refused(*_: Any) -> list[Layer]:
        raise BadInput("torch cannot be imported; install it with `pip install torch`.")

    fixture.patch.setattr(engine, "layers", refused)
    return _on_model(fixture, True)


@scene
def model_ready(fixture: Fixture) -> Any:
    keys = ("slash", *"scratch", "enter", "h", "u", "u", "down", "space")
    return _on_model(fixture, True, *keys)


@scene
def model_field_in_error(fixture: Fixture) -> Any:
    return _on_model(fixture, True, "tab", "tab", "tab", "end", "backspace", "backspace", "x")


@scene
def rate_finding(fixture: Fixture) -> Any:
    def find(_recipe: Recipe, progress: Callable[[int, int], None], _stopped: object) -> Any:
        progress(31, 80)
        fixture.never()

    fixture.patch.setattr(engine, "find_rate", find)
    app, opened = _on_model(fixture, True)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("f")
        await until(pilot, lambda: "31 of 80" in shown(app))

    return app, prepare


@scene
def rate_found(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "find_rate", lambda *_: CURVE)
    return _on_model(fixture, True, "f")


@scene
def rate_error(fixture: Fixture) -> Any:
    def broken(*_: Any) -> RateCurve:
        raise BadInput("the memory of cuda:0 is full; choose a smaller batch.")

    fixture.patch.setattr(engine, "find_rate", broken)
    return _on_model(fixture, True, "f")


@scene
def model_estimate(fixture: Fixture) -> Any:
    fixture.patch.setattr(engine, "estimate", lambda *_: Estimate(int(1.1e9), 95.0, 12.0))
    app, opened = _on_model(fixture, True, "h", "u")
    return then_press(app, opened, "about 1.1 GB")
