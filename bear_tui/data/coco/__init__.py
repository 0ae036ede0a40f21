"""Photos out of a COCO instances file: which are chosen, and how they get to this disk."""
