"""How many photos go through a model at once."""

from bear_tui.engine.models import freezing
from bear_tui.engine.setup.prepare import Setup


class MicroBatch:
    """The size of the parts that a batch is computed in; halved when a GPU's memory runs out."""

    def __init__(self, setup: Setup, batch_size: int) -> None:
        """The model is in training mode where it has frozen layers."""
        self._compute = setup.compute
        self._image_size = setup.recipe.image_size
        self._batch_size = batch_size
        self._any_frozen = freezing.any_frozen(setup.model)
        self._whole_batch = self._any_frozen and freezing.has_training_batchnorm(setup.model)
        self.at_most = batch_size + 1
        """A last single photo joins a batch."""

    @property
    def size(self) -> int:
        """The same before and behind the cut, and for a model that is not cut.

        The last bits of a sum, and what dropout draws, depend on how many go at once.
        """
        if self._whole_batch:
            return self.at_most
        return self._compute.micro_batch(self._image_size, self.at_most, self._any_frozen)

    def halve(self) -> None:
        """Send half as many photos through the model at once."""
        self.at_most = max(1, min(self.at_most, self._batch_size) // 2)
