"""A run's results for people and programs outside: an HTML page, CSV tables, TensorBoard."""
