"""Other settings for a running training, by keys that may come faster than it reacts."""

from bear_tui.recipe import PLANNED_SCHEDULERS, Recipe
from bear_tui.text import counted
from bear_tui.tui.session.local_run import LocalRun
from bear_tui.tui.session.remote_run import RemoteRun


class Overrides:
    """The settings asked of one training so far; each key press starts from them."""

    def __init__(self, source: LocalRun | RemoteRun) -> None:
        self._source = source
        self._asked: dict[str, float] = {}

    def epochs(self, more: int) -> str:
        """Ask for more epochs, or fewer; return the sentence to show."""
        state = self._source.snapshot.state
        epochs = int(self._asked.get("epochs", state.epochs)) + more
        self._ask("epochs", max(epochs, state.epoch, 1))
        planned = self._recipe().scheduler in PLANNED_SCHEDULERS
        # The engine spreads it too, so that the rate does not jump.
        spread = " The rest of its schedule is spread over the epochs left." if planned else ""
        return f"{counted(int(self._asked['epochs']), 'epoch')} in all, after this step.{spread}"

    def learning_rate(self, factor: float) -> str:
        """Ask for the learning rate times `factor`; return the sentence to show.

        Raises Failure or OSError if the recipe cannot be read or the trainer cannot be asked.
        """
        changes = self._source.snapshot.state.changes
        rate = self._asked.get("learning_rate") or (
            changes[-1].learning_rate if changes else self._recipe().learning_rate
        )
        self._ask("learning_rate", float(f"{rate * factor:.4g}"))
        return (
            f"Learning rate {self._asked['learning_rate']:g} times its schedule, after this step."
        )

    def _recipe(self) -> Recipe:
        """Return the recipe that the run was started with."""
        return self._source.folder.recipe()

    def _ask(self, setting: str, value: float) -> None:
        self._source.want(setting, value)
        self._asked[setting] = value
