"""The Python API, which the commands use too: start trainings, open runs, ask them."""
