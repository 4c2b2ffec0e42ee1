"""Git for the tests: repositories with history, hostile ones, and git's own answers."""
