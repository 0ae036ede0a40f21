"""Models: built, frozen, described, and their weights and checkpoints as files."""
