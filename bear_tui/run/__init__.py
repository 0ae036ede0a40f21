"""A run on disk: its events, its folder, what it came to. Knows neither torch nor textual."""
