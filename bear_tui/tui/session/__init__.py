"""What the app works on, without a screen: trainings, photos, the queue, and the engine's door."""
