"""The files that belong to the index, and their text.

- In: a folder and the settings `include`, `exclude` and the maximum size.
- Out: paths in order, and texts with the facts of the files they were read from.
- Owns: the rules (of codekin, git and the user), decoding, limits for files of unknown origin. It
  watches nothing.
"""

from codekin.files.file_systems import changed_ns
from codekin.files.globs import PathGlobs
from codekin.files.long_lines import LONG_LINE_CHARACTERS
from codekin.files.reading import Source, read_digest, read_source, read_text, shown_text, source_of, source_of_text
from codekin.files.rules import IGNORE_FILES, Rules, as_text
from codekin.files.scanning import Found, scan

__all__ = [
    "IGNORE_FILES",
    "LONG_LINE_CHARACTERS",
    "Found",
    "PathGlobs",
    "Rules",
    "Source",
    "as_text",
    "changed_ns",
    "read_digest",
    "read_source",
    "read_text",
    "scan",
    "shown_text",
    "source_of",
    "source_of_text",
]
