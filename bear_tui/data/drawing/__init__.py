"""The sample photos are drawn: scenes with a bear, and the same scenes with something else."""
