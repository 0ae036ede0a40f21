"""What one navigates to: a screen lays out, binds keys and translates."""
