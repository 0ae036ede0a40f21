"""A monkey at the app: random keys, pastes, clicks and sizes in a real terminal."""
