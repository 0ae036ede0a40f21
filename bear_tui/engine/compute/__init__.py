"""Where the engine computes: the device, its precision and threads, and other processes."""
