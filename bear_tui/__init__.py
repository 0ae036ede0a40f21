"""Train an image classifier on folders of photos, in the terminal, over SSH."""

__version__ = "0.1.0"
