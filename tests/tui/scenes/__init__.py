"""Every screen in every state that it has, in a home folder of its own: for pictures and tests.

A scene returns an app, and a coroutine that brings it to the state to be looked at. The clock,
random names and answers of models that take minutes are fixed: a scene always looks the same.
"""

from tests.tui.scenes import coco, dataset, model, results, runs, train
from tests.tui.scenes.fixture import SCENES, SIZES, make_fixture

MODULES = (dataset, coco, model, train, results, runs)
"""Importing them registers their scenes."""

__all__ = ["MODULES", "SCENES", "SIZES", "make_fixture"]
