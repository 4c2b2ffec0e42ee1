"""What survives failures, kills, hostile messages and long lives, measured on whole processes."""
