"""Decide what happens between two steps: continue, test, change, save or stop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bear_tui.engine.compute import distributed
from bear_tui.engine.training.clock import Clock
from bear_tui.engine.training.saver import Saver
from bear_tui.run.control import Control


@dataclass(frozen=True)
class Decision:
    """What to do before the next step, the same in every process."""

    stop: str = ""
    """The reason to stop; empty to continue."""
    wanted: Mapping[str, float] = field(default_factory=dict)
    """What a person wants changed: epochs, learning rate, a restart of the schedule."""
    save: bool = False
    """Whether to save here, in the middle of an epoch."""
    early_test: bool = False


CONTINUE = Decision()


def decide(control: Control, saver: Saver, clock: Clock) -> Decision:
    """Return what a person wants since the last step; waits, off the clock, while paused."""
    before = clock.now()
    saver.check()
    reason, wanted = control.obey(), control.take_wanted()
    test = control.take_early_test()
    clock.skip(clock.now() - before)
    stops, changes, saves, tests = distributed.add(bool(reason), bool(wanted), saver.due, test)
    if not (stops or changes or saves):
        return Decision(early_test=True) if tests else CONTINUE
    return Decision(
        stop=distributed.agree(reason),
        wanted=distributed.from_first(wanted),
        save=True,
        early_test=bool(tests) and not stops,
    )
