"""How well codekin searches a set of repositories with labelled queries."""
