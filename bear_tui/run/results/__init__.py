"""What a run came to: its result files, its figures, how far to trust them, comparisons."""
