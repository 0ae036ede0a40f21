"""Widgets that screens share, or that a test mounts alone."""
