"""Which files belong to the index, what is in them, and when they change."""

from codekin.watching.globs import PathGlobs
from codekin.watching.long_lines import LONG_LINE_CHARACTERS
from codekin.watching.reading import Source, read_source, read_text, source_of, source_of_text
from codekin.watching.rules import Rules, as_text
from codekin.watching.scanning import Found, scan
from codekin.watching.systems import changed_ns
from codekin.watching.watcher import Watcher

__all__ = [
    "LONG_LINE_CHARACTERS",
    "Found",
    "PathGlobs",
    "Rules",
    "Source",
    "Watcher",
    "as_text",
    "changed_ns",
    "read_source",
    "read_text",
    "scan",
    "source_of",
    "source_of_text",
]
