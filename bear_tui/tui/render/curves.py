"""The two charts of a run, made from its RunState."""

from typing import Literal, TypeAlias

from bear_tui.run.changes import places
from bear_tui.run.state import RunState
from bear_tui.tui.render.chart import Chart, smooth

Figure: TypeAlias = Literal["loss", "accuracy"]
FIGURES: tuple[Figure, ...] = ("loss", "accuracy")


def chart_of(state: RunState, figure: Figure, smoothed: bool) -> Chart:
    """Return training at every step, validation at each epoch's end, the best epoch marked."""
    train = [(point.at, getattr(point, figure)) for point in state.curve if point.phase == "train"]
    validation = [
        (float(row.epoch), value)
        for row in state.history
        if (value := getattr(row, f"validation_{figure}")) is not None
    ]
    best = next(((at, value) for at, value in validation if at == state.best_epoch), None)
    accuracy = figure == "accuracy"
    return Chart(
        title=figure,
        train=smooth(train, len(train) / 20) if smoothed else train,
        validation=validation,
        epochs=state.epochs,
        best=best,
        floor=None if accuracy else 0.0,
        ceiling=1.0 if accuracy else None,
        percent=accuracy,
        marks=places(state.changes, state.train_steps),
    )
