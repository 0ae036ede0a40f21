"""One photo: which files are photos, how each is read, and what it looks like."""
