"""A run's journal as TensorBoard event files."""

from collections.abc import Iterable
from pathlib import Path

from bear_tui.errors import BadInput
from bear_tui.run.events import EpochCompleted, PhaseCompleted, StepCompleted, TestCompleted
from bear_tui.run.folder import RunFolder
from bear_tui.run.journal import read_events


def write_tensorboard(folder: RunFolder, out: Path) -> int:
    """Write the journal's figures as event files into `out`; return how many values there are.

    Steps count on through the epochs, so that training curves keep their resolution. Raises
    BadInput if the package is missing.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        raise BadInput(
            "--to tensorboard: one more package is needed; `pip install tensorboard` gets it."
        ) from None
    written = 0
    writer = EventFileWriter(str(out))
    started = folder.started() or 0.0
    for tag, step, value, seconds in _scalars(folder):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(step=step, wall_time=started + seconds, summary=summary))
        written += 1
    writer.close()
    return written


def _scalars(folder: RunFolder) -> Iterable[tuple[str, int, float, float]]:
    """Yield tag, step, value, and seconds since the run began."""
    seconds, epoch = 0.0, 0
    step = steps_before = 0
    for event in read_events(folder.journal_file):
        match event:
            case StepCompleted(phase="train"):
                step = steps_before + event.step
                yield "step/train_loss", step, event.loss, seconds
                yield "step/train_accuracy", step, event.accuracy, seconds
                yield "step/learning_rate", step, event.learning_rate, seconds
            case PhaseCompleted():
                seconds += event.seconds
                if event.phase == "train":
                    steps_before = step
                yield f"epoch/{event.phase}_loss", event.epoch, event.loss, seconds
                yield f"epoch/{event.phase}_accuracy", event.epoch, event.accuracy, seconds
            case EpochCompleted():
                epoch = event.epoch
            case TestCompleted():
                yield "test/loss", epoch, event.loss, seconds
                yield "test/accuracy", epoch, event.accuracy, seconds
                if event.unreadable >= 0:
                    yield "test/unreadable", epoch, event.unreadable, seconds
            case _:
                pass
