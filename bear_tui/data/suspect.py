"""A photo whose label looks wrong."""

from dataclasses import dataclass

from bear_tui.data.folders.inventory import Photo


@dataclass(frozen=True)
class Suspect:
    """A photo that a model takes for another class than its label."""

    photo: Photo
    suggested: str
    """The likeliest of the other classes."""
    confidence: float
    """Its probability."""
