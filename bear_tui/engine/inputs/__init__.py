"""From photos to batches: decoding, augmentation, and cached activations of frozen layers."""
