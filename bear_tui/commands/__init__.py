"""What each command does: arguments in, library calls, words or JSON out, exit status back."""
