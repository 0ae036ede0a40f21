"""Find photos whose label looks wrong."""
