"""What two screens share, or a test mounts alone."""
