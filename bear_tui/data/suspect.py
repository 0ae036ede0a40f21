"""A photo whose label looks wrong."""

from dataclasses import dataclass

from bear_tui.data.folders.inventory import Photo


@dataclass(frozen=True)
class Suspect:
    """A photo that looks more or less like another class than its own."""

    photo: Photo
    suggested: str
    """The likeliest of the other classes."""
    confidence: float
    """Its probability."""
