"""Photos on disk become a dataset fit to train on. Knows neither torch nor textual."""
