"""codekin finds the kin of any code: a local, hybrid index of a workspace and its search."""

__version__ = "0.1.0"
