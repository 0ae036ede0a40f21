"""Choose what judges labels: a pretrained model on this disk, or none. Imports no torch."""

from dataclasses import dataclass

from bear_tui.catalog import MODELS, find_model
from bear_tui.errors import BadInput

PARTS = 5
"""Folds: each photo is judged by a probe that learned from the other four fifths."""

# Small models with good features are tried first, then any other whose weights are on this disk.
_FIRST = ("mobilenet_v2", "resnet18", "resnet50", "efficientnet_b0", "vgg16")


@dataclass(frozen=True)
class LabelAuditor:
    """The pretrained model whose features judge the labels, or none."""

    model: str = ""
    weights: str = "none"

    @property
    def sentence(self) -> str:
        """How the photos were judged, for the person."""
        by = f"a linear probe on the features of {self.model}"
        if self.weights == "none":
            by = "small networks without pretrained weights"
        return f"by {by}, cross-validated in {PARTS} folds"


def choose_auditor(model: str | None, weights_named: str | None) -> LabelAuditor:
    """Return the named model, else one whose weights are on this disk, else none.

    Raises BadInput for weights without their model.
    """
    if model is None and weights_named not in (None, "none"):
        raise BadInput("--weights: name the --model that the file belongs to.")
    if weights_named == "none":
        return LabelAuditor()
    if model is not None:
        find_model(model)
        return LabelAuditor(model, weights_named or "imagenet")
    names = (name for name in (*_FIRST, *MODELS) if find_model(name).weights_on_disk())
    on_disk = next(names, None)
    return LabelAuditor(on_disk, "imagenet") if on_disk else LabelAuditor()
