"""What leads through several screens: starting up, leaving, resuming, questions."""
