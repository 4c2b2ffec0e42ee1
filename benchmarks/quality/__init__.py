"""Search quality on a set of repositories with labelled queries."""
