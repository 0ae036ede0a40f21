"""What the parts of one training share."""

from dataclasses import dataclass

from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.setup.prepare import Setup
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder


@dataclass(frozen=True)
class TrainingContext:
    """A prepared run with its batches, the folder it writes to, and what a person asks of it."""

    setup: Setup
    source: BatchSource
    folder: RunFolder
    control: Control
