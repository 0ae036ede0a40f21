"""Ask a trained model: evaluate, predict, explain, export."""
