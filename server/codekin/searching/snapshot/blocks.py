"""The files of a snapshot: what a search knows of each, from records or from mapped columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import overload

import numpy as np
import numpy.typing as npt

from codekin.domain.commits import is_file, sha_of
from codekin.domain.ports import Keys
from codekin.domain.values import FileRecord
from codekin.domain.words import words
from codekin.searching.snapshot.defined_names import DefinedNames
from codekin.searching.snapshot.name_index import NameIndex
from codekin.searching.snapshot.path_traits import TRAITS, traits
from codekin.storage import PackedNodes, content_key, pack_nodes, stem

Ints = npt.NDArray[np.int32]
_SAMPLED_FILES = 2_000
_SAMPLED_NAMES = 20_000
"""Names among whose words similar ones are looked for; to split them takes some 50 ms."""


@dataclass(frozen=True)
class FileBlock:
    """One file's share of a view.

    `text` is set for an unsaved buffer, whose content differs from the file on disk.
    """

    record: FileRecord
    text: str | None = None

    @cached_property
    def nodes(self) -> PackedNodes:
        """The record's nodes, as arrays."""
        return pack_nodes(self.record.nodes)

    @cached_property
    def name_stems(self) -> tuple[str, ...]:
        """Stems of the words of the name, in order.

        The name is a file's name without the extension, a folder's name, or a commit's title.
        """
        return tuple(stem(word) for word in words(_name(self.record)))

    @cached_property
    def defined_names(self) -> DefinedNames:
        """The names that the file defines."""
        return DefinedNames(self.nodes)

    @cached_property
    def traits(self) -> bytes:
        """The traits of the path; see `path_traits.traits`."""
        return traits(self.record.path)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of all files, in the order of the files.

    `first` (files + 1) is a file's first node, `kind` and `key` (n) the kind of each node and the
    position of its key in `keys`, which are ascending and distinct.
    """

    first: Ints
    kind: npt.NDArray[np.uint8]
    key: Ints
    keys: Keys


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The language, the author, the date and the size of each file, without its record.

    `language` and `author` (files,) are positions in `languages` and `authors`. `date` (files,) is
    0 if unknown.
    """

    languages: Sequence[str]
    language: npt.NDArray[np.int64]
    authors: Sequence[str]
    author: npt.NDArray[np.int64]
    date: npt.NDArray[np.int64]
    size_bytes: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SymbolKinds:
    """The kind of the symbol of each node, "" for none: a position (nodes,) in `kinds`."""

    kinds: Sequence[str]
    kind: npt.NDArray[np.unsignedinteger]


class Blocks(Sequence[FileBlock], ABC):
    """Files ascending by path. Immutable."""

    @overload
    def __getitem__(self, place: int) -> FileBlock: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[FileBlock]: ...
    def __getitem__(self, place: int | slice) -> FileBlock | Sequence[FileBlock]:
        if isinstance(place, slice):
            return [self.block(number) for number in range(len(self))[place]]
        return self.block(range(len(self))[place])

    @abstractmethod
    def block(self, number: int) -> FileBlock:
        """Return the file at a position."""

    @property
    @abstractmethod
    def paths(self) -> Sequence[str]:
        """The path of each file."""

    @abstractmethod
    def containing(self, text: str) -> Iterator[int]:
        """Yield the positions, ascending, of the files whose path in lower case contains a text."""

    @abstractmethod
    def nodes(self) -> Nodes:
        """Return the nodes of all files."""

    @abstractmethod
    def names(self) -> NameIndex:
        """Return the index of names by the files that define them."""

    @abstractmethod
    def words_of_names(self) -> frozenset[str]:
        """Return the words of names that some of the files define."""

    @abstractmethod
    def facts(self) -> FileFacts:
        """Return the language, the author, the date and the size of each file."""

    @abstractmethod
    def symbol_kinds(self) -> SymbolKinds:
        """Return the kind of the symbol of each node."""

    @abstractmethod
    def contents(self) -> Keys:
        """Return the key of each file's content (see `content_key`), -1 for text in a buffer."""

    @abstractmethod
    def traits(self) -> npt.NDArray[np.uint8]:
        """Return the traits of each path (files, TRAITS); see `path_traits.traits`."""


class ListedBlocks(Blocks):
    """Files whose records are in memory."""

    def __init__(self, blocks: Sequence[FileBlock]) -> None:
        self._blocks = tuple(blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    def block(self, number: int) -> FileBlock:
        """Return the file at a position."""
        return self._blocks[number]

    @cached_property
    def paths(self) -> Sequence[str]:
        """The path of each file."""
        return [block.record.path for block in self._blocks]

    def containing(self, text: str) -> Iterator[int]:
        """Yield the positions of the files whose path in lower case contains a text."""
        return (number for number, path in enumerate(self.paths) if text in path.lower())

    def nodes(self) -> Nodes:
        """Return the nodes of all files; about 10 ms for 100,000 nodes."""
        first = np.zeros(len(self) + 1, np.int32)
        np.cumsum([len(block.nodes) for block in self._blocks], out=first[1:])
        node_keys = np.frombuffer(b"".join([block.nodes.key_bytes for block in self._blocks]), "<i8")
        kinds = np.frombuffer(b"".join([block.nodes.kind_bytes for block in self._blocks]), np.uint8)
        keys, places = np.unique(node_keys, return_inverse=True)
        return Nodes(first, kinds, places.astype(np.int32), keys)

    def names(self) -> NameIndex:
        """Return the index of names by the files that define them."""
        return NameIndex([block.nodes.names for block in self._blocks])

    def words_of_names(self) -> frozenset[str]:
        """Return the words of names that some of the files define."""
        return words_of(block.nodes for block in self._blocks)

    def facts(self) -> FileFacts:
        """Return the language, the author, the date and the size of each file."""
        records = [block.record for block in self._blocks]
        date = np.fromiter((record.date for record in records), np.int64, len(records))
        languages, language = _distinct([record.language for record in records])
        authors, author = _distinct([record.author for record in records])
        sizes = np.fromiter((record.size_bytes for record in records), np.int64, len(records))
        return FileFacts(languages, language, authors, author, date, sizes)

    def symbol_kinds(self) -> SymbolKinds:
        """Return the kind of the symbol of each node; 0.5 µs for each."""
        kinds, kind = _distinct([kind for block in self._blocks for kind in block.nodes.symbol_kinds()])
        return SymbolKinds(kinds, kind.astype(np.uint32))

    def contents(self) -> Keys:
        """Return the key of each file's content, -1 for text in a buffer."""
        keys = (content_key(block.record.digest) if block.text is None else -1 for block in self._blocks)
        return np.fromiter(keys, np.int64, len(self._blocks))

    def traits(self) -> npt.NDArray[np.uint8]:
        """Return the traits of each path; the first use takes 7 µs per file."""
        return np.frombuffer(b"".join([block.traits for block in self._blocks]), np.uint8).reshape(-1, TRAITS)


def _distinct(values: Sequence[str]) -> tuple[Sequence[str], npt.NDArray[np.int64]]:
    """Return the distinct values, and the position of each value among them."""
    place_of = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return list(place_of), np.fromiter((place_of[value] for value in values), np.int64, len(values))


def words_of(nodes: Iterable[PackedNodes]) -> frozenset[str]:
    """Return the words of the names that the nodes of the first files define."""
    names = (name for packed in islice(nodes, _SAMPLED_FILES) for name in packed.defined())
    return frozenset(word for name in islice(names, _SAMPLED_NAMES) for word in words(name))


def _name(record: FileRecord) -> str:
    if sha_of(record.path):
        return record.text.partition("\n")[0]
    name = record.path.rstrip("/").rpartition("/")[2]
    return (name.rpartition(".")[0] or name) if is_file(record.path) else name
