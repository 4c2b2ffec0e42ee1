"""Local semantic code search: an index of a workspace, and search by meaning, words and names."""

import logging

__version__ = "0.1.0"

# A library does not print: without a handler, Python would write warnings to standard error.
logging.getLogger(__name__).addHandler(logging.NullHandler())
