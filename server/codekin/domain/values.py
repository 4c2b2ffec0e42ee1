"""The values that travel between the layers: what changed on disk, what was cut from it, what is stored."""

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
    """The nearest of the 64-bit numbers, which is all that stores hold. NTFS has times up to the year 30828."""
    return max(-_GREATEST, min(number, _GREATEST))


class NodeKind(str, Enum):
    """What can be found."""

    CODE = "code"
    TEST = "test"
    FILE = "file"
    DIRECTORY = "directory"
    COMMIT = "commit"
    PULL_REQUEST = "pull_request"


class FileChange(str, Enum):
    """CHANGED is created or modified; a rename is a DELETED and a CHANGED (content keys keep its vectors)."""

    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class FileEvent:
    """One file that appeared, changed or went. `path` is relative to the root, with "/" between its parts."""

    path: str
    change: FileChange


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol defined inside a chunk. `name` is the bare name, `kind` a word such as "function", "class", "method",
    "interface", "struct", "enum", "module", "constant", "type"; `line` is 0-based.
    """

    name: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole lines of one file: `text` is exactly lines [start_line, end_line), 0-based, end exclusive.

    `symbol` is the qualified name ("Session.retry") of the definition that the chunk is or lies in, "" if none;
    `scope` the enclosing symbols, outermost first; `doc` the comments and docstrings in the chunk, delimiters stripped.
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
        """What is embedded: the text in its scope; of the node that stands for a file the path alone, its first line."""
        if self.kind is NodeKind.FILE:
            return self.text.split("\n", 1)[0]
        return f"{' '.join(self.scope)} {self.symbol}\n{self.text}" if self.symbol or self.scope else self.text

    def content_key(self, salt: str) -> int:
        """Identity of what is embedded and indexed, in [0, 2**63). Equal text in equal scope has an equal key, in every
        file, branch and worktree. `salt` names the chunker version. blake2b, first 8 bytes, top bit cleared.
        """
        fields = (salt, self.kind.value, self.symbol, *self.scope, self.text)
        digest = hashlib.blake2b("\0".join(fields).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "little") >> (64 - CONTENT_KEY_BITS)


@dataclass(frozen=True, slots=True)
class Node:
    """What is stored of a chunk: everything but the text, which stays on disk. `key` is the chunk's content key."""

    key: int
    kind: NodeKind
    start_line: int
    end_line: int
    symbol: str = ""
    symbol_kind: str = ""
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the index knows of one file. `digest` is blake2b-128 of its bytes; `author` and `date` (seconds since the
    epoch) are those of the last commit that touched it, empty and 0 where unknown. `nodes` compares like a tuple; what a
    store loads decodes it when it is looked at. A date outside the years 1970 to 9999 becomes unknown, a modification time
    beyond 64 bits the nearest within.
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
    """What stands here instead of a file's content where the record is of no file: a commit's message, a folder's summary."""
    touched: tuple[str, ...] = ()
    """The files that such a record speaks of: those that a commit changed, what lies right in a folder."""

    def __post_init__(self) -> None:
        """File systems and commits hold times that no store and no calendar has."""
        if not -_GREATEST <= self.mtime_ns <= _GREATEST:
            object.__setattr__(self, "mtime_ns", storable(self.mtime_ns))
        if not 0 <= self.date <= _LAST_DAY_S:
            object.__setattr__(self, "date", 0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not indexed, and why, in words for the user ("binary", "larger than 1 MB", ...)."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One transaction on the metadata: files to write (whole, replacing what was there), to forget, and skipped."""

    written: tuple[FileRecord, ...] = ()
    forgotten: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
