"""Other settings by keys: from the values in force, and with what becomes of the schedule."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.recipe import Scheduler
from bear_tui.recipe_defaults import default_recipe
from bear_tui.run.events import ScheduleChanged
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import Journal
from bear_tui.tui.session.overrides import Overrides
from bear_tui.tui.session.remote_run import RemoteRun
from tests.unit.scripted import epochs, run_started


def followed(path: Path, scheduler: Scheduler, *changes: ScheduleChanged) -> RemoteRun:
    folder = RunFolder(path)
    recipe = default_recipe("/photos", "mlp")
    folder.create(replace(recipe, epochs=3, learning_rate=0.01, scheduler=scheduler))
    journal = Journal(folder.journal_file)
    for event in (run_started(3), *epochs(1, 1), *changes):
        journal.append(event)
    journal.close()
    follower = RemoteRun(folder)
    follower.read_to_end()
    return follower


def asked(follower: RemoteRun) -> list[dict[str, object]]:
    return [json.loads(line) for line in follower.folder.control_file.read_text().splitlines()]


def test_a_key_halves_the_rate_in_force_and_not_the_one_it_began_with(tmp_path: Path) -> None:
    follower = followed(tmp_path / "run", "cosine", ScheduleChanged(2, 0, 0.002, 3))
    overrides = Overrides(follower)
    overrides.learning_rate(0.5)
    overrides.learning_rate(0.5)
    assert [one["value"] for one in asked(follower)] == [0.001, 0.0005]
    assert follower.folder.recipe().learning_rate == 0.01


@pytest.mark.parametrize(
    ("scheduler", "spread"), [("cosine", True), ("one-cycle", True), ("step", False)]
)
def test_one_epoch_more_says_what_becomes_of_the_schedule(
    scheduler: Scheduler, spread: bool, tmp_path: Path
) -> None:
    follower = followed(tmp_path / "run", scheduler, ScheduleChanged(2, 0, 0.01, 6))
    said = Overrides(follower).epochs(1)
    assert said.startswith("7 epochs in all")
    assert ("spread over the epochs left" in said) is spread
