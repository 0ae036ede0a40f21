"""What is decided once before a training: the dataset, the model and the device."""
