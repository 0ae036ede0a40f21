"""`bear_tui.train`: its settings, its events, and what it says of mistakes."""

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bear_tui
from bear_tui.api.settings import Settings
from bear_tui.errors import BadInput, Failure
from bear_tui.recipe import Recipe
from bear_tui.run.events import EpochCompleted, Event, RunCompleted, RunStarted
from tests.api.conftest import QUICK


def test_a_training_tells_its_events_in_order_and_returns_a_tested_run(
    photos: Path, tmp_path: Path
) -> None:
    events: list[Event] = []
    run = bear_tui.train(photos, runs=tmp_path, on_event=events.append, **QUICK)
    assert isinstance(events[0], RunStarted)
    assert events[0].run == run.id
    assert isinstance(events[-1], RunCompleted)
    assert [event.epoch for event in events if isinstance(event, EpochCompleted)] == [1, 2]
    assert run.path.parent == tmp_path
    assert run.status == "completed"
    assert run.results()["test"] is not None


def test_progress_prints_a_line_an_epoch_and_silence_is_the_default(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bear_tui.train(photos, runs=tmp_path, **QUICK)
    assert capsys.readouterr() == ("", "")
    bear_tui.train(photos, runs=tmp_path, progress=True, **QUICK)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines if line.startswith("epoch ")] == ["epoch 1/2", "epoch 2/2"]
    assert any(line.startswith("test accuracy") for line in lines)


def test_every_field_of_a_recipe_is_a_keyword() -> None:
    names = {field.name for field in fields(Recipe)}
    assert set(Settings.__annotations__) | {"data"} == names
    assert names <= set(inspect.signature(bear_tui.train).parameters)


def test_values_of_numpy_and_relative_paths_are_understood(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos.parent)
    settings: Any = {**QUICK, "epochs": np.int64(1), "learning_rate": np.float32(0.01)}
    run = bear_tui.train("photos", runs=tmp_path, **settings)
    assert run.recipe.data == str(photos)
    assert run.recipe.learning_rate == pytest.approx(0.01)


def test_a_recipe_is_taken_as_such_or_from_a_file_and_settings_replace_its_values(
    run: bear_tui.Run, tmp_path: Path
) -> None:
    from_file = bear_tui.train(recipe=run.path / "recipe.toml", runs=tmp_path, epochs=1)
    itself = bear_tui.train(recipe=run.recipe, runs=tmp_path, epochs=1, seed=7)
    for other, seed in ((from_file, 1), (itself, 7)):
        assert (other.recipe.model, other.recipe.epochs, other.recipe.seed) == ("mlp", 1, seed)
        assert other.recipe.data == run.recipe.data


@pytest.mark.parametrize(
    ("settings", "kind", "sentence"),
    [
        ({"epoch": 3}, TypeError, "'epoch'; did you mean 'epochs'?"),
        ({"lr": 0.1}, TypeError, "'lr'; did you mean 'learning_rate'?"),
        ({"on_events": print}, TypeError, "did you mean 'on_event'?"),
        ({"zzz": 1}, TypeError, "known: data, recipe"),
        ({"epochs": 0}, BadInput, "`epochs`: must be 1 or more"),
        ({"epochs": "3"}, BadInput, "train(): `epochs` must be a whole number, not '3'."),
        ({"learning_rate": -1}, BadInput, "`learning_rate`: must be above 0"),
        ({"model": "resnet81"}, BadInput, "`model` resnet81"),
        ({"unfreeze": "features.99", "model": "resnet18"}, BadInput, "features.99"),
        ({"recipe": "none.toml"}, BadInput, "none.toml: no such file"),
    ],
)
def test_a_mistake_is_named_before_anything_is_written(
    settings: dict[str, Any], kind: type[Exception], sentence: str, photos: Path, tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        bear_tui.train(photos, runs=tmp_path / "runs", **{**QUICK, **settings})
    assert sentence in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_photos_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="choose a folder of photos"):
        bear_tui.train(runs=tmp_path)
    with pytest.raises(BadInput, match="nowhere"):
        bear_tui.train(tmp_path / "nowhere", runs=tmp_path, **QUICK)


def test_one_of_several_processes_is_sent_to_the_command(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}
    for name, value in group.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match="torchrun -m bear_tui train"):
        bear_tui.train(photos, runs=tmp_path, **QUICK)


def test_a_training_that_fails_raises_a_failure_and_its_run_says_why(
    photos: Path, tmp_path: Path
) -> None:
    settings: Any = {**QUICK, "learning_rate": 99.0, "optimizer": "sgd", "scheduler": "none"}
    with pytest.raises(Failure, match="no longer"):
        bear_tui.train(photos, runs=tmp_path, **{**settings, "epochs": 20})
    run = bear_tui.open_run(runs=tmp_path)
    assert run.status == "failed"
    assert "failed" in repr(run)


def test_an_error_of_on_event_saves_the_training_and_is_raised(
    photos: Path, tmp_path: Path
) -> None:
    def fail(event: Event) -> None:
        if isinstance(event, EpochCompleted):
            raise ZeroDivisionError("mine")

    settings: Any = {**QUICK, "epochs": 1000}
    with pytest.raises(ZeroDivisionError, match="mine"):
        bear_tui.train(photos, runs=tmp_path, on_event=fail, **settings)
    run = bear_tui.open_run(runs=tmp_path)
    assert (run.status, run.state.message) == ("stopped", "stopped by an error of its caller")
    done = run.state.epochs_done
    assert 1 <= done < 1000

    def stop(event: Event) -> None:
        if isinstance(event, EpochCompleted):
            run.stop()

    assert run.resume(on_event=stop).status == "stopped"
    assert done < run.state.epochs_done < 1000
