"""The app: five screens over the same runs, photos and engine that the commands use."""
