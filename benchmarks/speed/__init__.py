"""How long indexing, searching, scanning and starting take."""
