"""Hypothesis has no deadline: property tests must not fail because a machine is slow."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
