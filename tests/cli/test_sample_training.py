"""The first thing a newcomer does: the sample photos, trained with nothing else said."""

from pathlib import Path

import pytest

from tests.cli.test_contract import bear_tui, document


@pytest.mark.slow
def test_the_sample_is_learned_without_a_network(tmp_path: Path) -> None:
    runs = ("--runs", tmp_path / "runs")
    # As many as a machine has time for that is not slow: on a slow one fewer are the default.
    trained = bear_tui("train", "--sample", "--epochs", 14, *runs)
    assert trained.returncode == 0, trained.stderr
    shown = document("show", "last", *runs)
    losses = [row["train_loss"] for row in shown["history"]]
    assert losses[-1] < losses[0] / 3, "the curves do not move"
    assert shown["test"]["accuracy"] > 0.9
