"""Vector stores: speed, recall, and moves between them."""
