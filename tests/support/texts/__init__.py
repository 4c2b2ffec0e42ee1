"""Small texts of each kind of file, and what holds of the chunks of any text."""
