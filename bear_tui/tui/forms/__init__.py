"""Values that a person edits, with undo and errors. No screen, no widget."""
