"""All that touches private parts of Textual or replaces what it does; also theme and clipboard."""
