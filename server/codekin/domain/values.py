"""The values that travel between the layers: changes on disk, chunks, and stored records."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

CONTENT_KEY_BITS = 63


_GREATEST = 2**63 - 1
_LAST_DAY_S = 253_402_300_799
"""The end of the year 9999."""


def storable(number: int) -> int:
    """Return the nearest signed 64-bit number, the range that stores support.

    NTFS has times up to the year 30828.
    """
    return max(-_GREATEST, min(number, _GREATEST))


class NodeKind(str, Enum):
    """The kinds of search results."""

    CODE = "code"
    TEST = "test"
    FILE = "file"
    DIRECTORY = "directory"
    COMMIT = "commit"
    PULL_REQUEST = "pull_request"


class FileChange(str, Enum):
    """How a file changed; created and modified are both CHANGED.

    A rename is a DELETED and a CHANGED; content keys keep its vectors.
    """

    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class FileEvent:
    """One file that appeared, changed or was deleted.

    `path` is relative to the root, with "/" between its parts.
    """

    path: str
    change: FileChange


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol defined inside a chunk.

    `name` is the bare name, `kind` a word such as "function", "class", "method", "interface",
    "struct", "enum", "module", "constant" or "type"; `line` is 0-based.
    """

    name: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of complete lines of one file, with 0-based lines, end exclusive.

    `text` is exactly lines [start_line, end_line). `symbol` is the qualified name ("Session.retry")
    of the definition that the chunk is or belongs to, "" if none. `scope` are the enclosing
    symbols, outermost first. `doc` are the comments and docstrings in the chunk, without
    delimiters.
    """

    kind: NodeKind
    language: str
    start_line: int
    end_line: int
    text: str
    symbol: str = ""
    symbol_kind: str = ""
    scope: tuple[str, ...] = ()
    doc: str = ""
    definitions: tuple[Definition, ...] = ()

    @property
    def embedding_text(self) -> str:
        """The text that is embedded.

        It is the text in its scope, or only the path (first line) of a node for a file.
        """
        if self.kind is NodeKind.FILE:
            return self.text.split("\n", 1)[0]
        return f"{' '.join(self.scope)} {self.symbol}\n{self.text}" if self.symbol or self.scope else self.text

    def content_key(self, salt: str) -> int:
        """Return the identity of what is embedded and indexed, in [0, 2**63).

        Equal text in equal scope has an equal key, in every file, branch and worktree. `salt` names
        the chunker version. blake2b, first 8 bytes, top bit cleared.
        """
        fields = (salt, self.kind.value, self.symbol, *self.scope, self.text)
        digest = hashlib.blake2b("\0".join(fields).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "little") >> (64 - CONTENT_KEY_BITS)


@dataclass(frozen=True, slots=True)
class Node:
    """The stored part of a chunk: everything but the text, which stays on disk.

    `key` is the chunk's content key.
    """

    key: int
    kind: NodeKind
    start_line: int
    end_line: int
    symbol: str = ""
    symbol_kind: str = ""
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The indexed facts of one file.

    `digest` is blake2b-128 of its bytes. `author` and `date` (seconds since the epoch) are those of
    the last commit that touched it, empty and 0 if unknown. `nodes` compares like a tuple; a record
    from a store decodes it on first use. A date outside the years 1970 to 9999 becomes unknown; a
    modification time beyond 64 bits becomes the nearest one within.
    """

    path: str
    language: str
    size_bytes: int
    mtime_ns: int
    digest: bytes
    nodes: Sequence[Node] = ()
    author: str = ""
    date: int = 0
    text: str = ""
    """Text of a record that does not describe a file: a commit's message, a folder's summary."""
    touched: tuple[str, ...] = ()
    """Files that such a record refers to: those a commit changed, or the entries of a folder."""

    def __post_init__(self) -> None:
        """Limit times to the range of stores and calendars."""
        if not -_GREATEST <= self.mtime_ns <= _GREATEST:
            object.__setattr__(self, "mtime_ns", storable(self.mtime_ns))
        if not 0 <= self.date <= _LAST_DAY_S:
            object.__setattr__(self, "date", 0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not indexed, with the reason in words for the user.

    Reasons are for example "binary" and "larger than 1 MB".
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One transaction on the metadata: files to write, to forget and to skip.

    A written file replaces its previous record completely.
    """

    written: tuple[FileRecord, ...] = ()
    forgotten: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
