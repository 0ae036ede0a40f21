"""Tests of the Python API, with real small trainings."""
