"""A run that was changed on the way is seen to be: in charts, Results and Runs."""

from dataclasses import replace
from pathlib import Path

from bear_tui.run.events import RunCompleted, ScheduleChanged
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import summary
from bear_tui.tui.render import report
from bear_tui.tui.render.curves import FIGURES, chart_of
from bear_tui.tui.render.run_rows import run_rows
from bear_tui.tui.session.run_list import read_runs
from tests.unit.sample_runs import predictions, sample_run
from tests.unit.scripted import epochs, fold, run_started

CHANGE = ScheduleChanged(2, 5, 0.0005, 3)


def changed(tmp_path: Path) -> RunFolder:
    return sample_run(tmp_path / "run", predictions(5, 5), changes=[CHANGE])


def test_both_charts_mark_where_it_was_changed() -> None:
    state = fold([run_started(2), *epochs(1, 1), CHANGE, *epochs(2, 3), RunCompleted()])
    for figure in FIGURES:
        chart = chart_of(state, figure, smoothed=False)
        assert list(chart.marks) == [1.5]
        assert not chart_of(replace(state, changes=()), figure, smoothed=False).marks


def test_results_tells_what_was_changed_beside_its_notes(tmp_path: Path) -> None:
    told = report.notes(summary.review(changed(tmp_path)))
    assert told[-1] == ("changed in epoch 2, after step 5: learning rate 0.0005, 3 epochs in all")


def test_runs_marks_the_run_and_no_other(tmp_path: Path) -> None:
    changed(tmp_path)
    sample_run(tmp_path / "plain", predictions(5, 5))
    cells = {row.cells[0]: row.cells[2] for row in run_rows(read_runs(tmp_path))}
    assert cells == {"run": "2/3*", "plain": "2/2"}
