"""Folders of photos as a person has them: classes, splits, and what is wrong with them."""
