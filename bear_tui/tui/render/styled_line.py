"""A line of text in several styles, the cheapest form that a widget can draw."""

from collections.abc import Sequence
from typing import TypeAlias

Line: TypeAlias = Sequence[tuple[str, str]]
"""Texts from left to right, each with its style, such as `$primary`."""
