"""Who looks for wrong labels: a pretrained model at hand, or none. Chosen without torch."""

from dataclasses import dataclass

from bear_tui.catalog import MODELS, find_model
from bear_tui.errors import BadInput

PARTS = 5
"""Each photo is judged by what the other four fifths teach."""

# Small and good at telling things apart, so first; after them whatever is on this disk.
_FIRST = ("mobilenet_v2", "resnet18", "resnet50", "efficientnet_b0", "vgg16")


@dataclass(frozen=True)
class Eye:
    """What looks at the photos: a pretrained model, or none."""

    model: str = ""
    weights: str = "none"

    @property
    def sentence(self) -> str:
        """What was done, for the person."""
        if self.weights == "none":
            return f"by small networks trained in {PARTS} parts, with no weights at hand"
        return f"by the features of {self.model} and a linear probe in {PARTS} parts"


def choose_eye(model: str | None, weights_named: str | None) -> Eye:
    """The model that was named, else one whose weights are on this disk, else none.

    Raises BadInput for weights without their model.
    """
    if model is None and weights_named not in (None, "none"):
        raise BadInput("--weights: name the --model that the file belongs to.")
    if weights_named == "none":
        return Eye()
    if model is not None:
        find_model(model)
        return Eye(model, weights_named or "imagenet")
    at_hand = (name for name in (*_FIRST, *MODELS) if find_model(name).weights_on_disk())
    found = next(at_hand, None)
    return Eye(found, "imagenet") if found else Eye()
