"""What the app works on, without a screen: trainings, photos, queue, settings, the engine's door."""
