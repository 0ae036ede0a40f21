"""The training loop: steps, learning rate, checkpoints, resume and the final test."""
