"""Which files belong to the index, what is in them, and when they change."""

from codekin.watching.globs import PathGlobs
from codekin.watching.reading import Source, read_source
from codekin.watching.rules import Rules
from codekin.watching.scanning import Found, scan
from codekin.watching.watcher import Watcher

__all__ = ["Found", "PathGlobs", "Rules", "Source", "Watcher", "read_source", "scan"]
