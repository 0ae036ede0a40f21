"""Train an image classifier on folders of photos, in the terminal, over SSH."""

from bear_tui.version import VERSION as __version__

__all__ = ["__version__"]
