"""`bear_tui.train`: one call from a folder of photos to a tested run."""

import inspect
from typing import Literal, Unpack

from bear_tui.api import launch
from bear_tui.api.run import Run
from bear_tui.api.settings import File, Settings, checked, errors_in_python, runs_folder
from bear_tui.api.training import OnEvent, train_in_thread
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control


def train(
    data: File | None = None,
    *,
    recipe: Recipe | File | None = None,
    preset: Literal["default", "course"] = "default",
    runs: File | None = None,
    on_event: OnEvent | None = None,
    progress: bool = False,
    **settings: Unpack[Settings],
) -> Run:
    """Train a model on a folder of photos, test it, and return the run.

    `data` has train/ and test/ with a folder for each class, or class folders alone. Settings that
    are left out take what suits the model, or the values of `recipe`, a Recipe or the path of a
    recipe.toml. `runs` is the folder of runs. `on_event` is called in this thread with each event
    (bear_tui.run.events), and `progress` prints a line an epoch.

    Raises BadInput before anything is written, and Failure where the training fails. When a
    KeyboardInterrupt or an error of `on_event` ends the call, the training has been saved and
    `Run.resume` continues it. Takes no signal handlers and works in any thread.
    """
    with errors_in_python():
        given = checked(settings, ("data", "recipe", "preset", "runs", "on_event", "progress"))
        if data is not None:
            given["data"] = data
        chosen = launch.recipe_of(given, recipe, preset)
        folder = launch.new_folder(chosen, runs_folder(runs))
        enough_steps = launch.leaves_epochs_open(given, recipe, preset)
        train_in_thread(chosen, folder, Control(), on_event, progress, enough_steps=enough_steps)
    return Run(folder.path)


def _with_each_setting() -> inspect.Signature:
    """Return the signature of `train` with a keyword for each setting: notebooks complete it."""
    own = inspect.signature(train)
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Settings.__annotations__.items()
    ]
    parameters = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
    return own.replace(parameters=[*parameters, *keywords])


train.__signature__ = _with_each_setting()  # type: ignore[attr-defined]
