"""Local semantic code search: an index of a workspace, and search by meaning, words and names."""

__version__ = "0.1.0"
