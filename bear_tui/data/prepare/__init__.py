"""Photos from anywhere become a clean folder: planned, shown, and written whole or not at all."""
