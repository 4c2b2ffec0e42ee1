"""git for the tests: repositories with a history, hostile ones, and what git itself says of ignore rules and settings."""
