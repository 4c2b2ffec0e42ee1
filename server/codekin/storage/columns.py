"""The records of all files of an index as one memory-mapped file, so that opening reads no record.

The metadata is the truth; this file repeats it as of one generation. What changed since is read
from the metadata. A file that is missing, damaged or of another index is written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import msgpack
import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys
from codekin.domain.values import FileRecord
from codekin.errors import IndexNewerError
from codekin.storage.metadata.packed_records import (
    NodeParts,
    PackedNodes,
    StoredNodes,
    pack_extra,
    pack_nodes,
    parts_of,
    unpack_extra,
)
from codekin.storage.name_beginnings import BeginningsWriter, NameBeginnings, beginnings_of
from codekin.storage.name_table import NameTable, name_table
from codekin.storage.segment_file import Array, CorruptError, open_segment
from codekin.storage.segment_stream import Column, Streamed, write_streamed

_KIND = "columns-3"
_BLOCK_RECORDS = 1_000
_SURROGATES = "surrogatepass"
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Columns:
    """Records ascending by path, and their nodes in the order of the records.

    `keys` are the content keys of all nodes, ascending and distinct; `node_key` gives the position
    of each node's key, and `first_node` (records + 1) each record's first node. `generation` is
    that of the metadata, and `identity` names the database.
    """

    generation: int
    identity: str
    arrays: Mapping[str, Array] = field(repr=False)
    languages: Sequence[str] = field(repr=False)
    authors: Sequence[str] = field(repr=False)

    def __len__(self) -> int:
        return len(self.arrays["size_bytes"])

    @property
    def keys(self) -> Keys:
        """The distinct content keys."""
        return self.arrays["keys"]

    @property
    def node_key(self) -> Ints:
        """The position of each node's key in `keys`."""
        return self.arrays["node_key"]

    @property
    def node_kind(self) -> npt.NDArray[np.uint8]:
        """The kind of each node, as a position in `KINDS`."""
        return self.arrays["node_kind"]

    @property
    def first_node(self) -> Ints:
        """The first node of each record, and the number of nodes."""
        return self.arrays["first_node"]

    @property
    def traits(self) -> npt.NDArray[np.uint8]:
        """What the writer computed from each path."""
        return self.arrays["traits"]

    @property
    def name_ends(self) -> npt.NDArray[np.int64]:
        """Where the names of each record end in `names`."""
        return self.arrays["names_ends"]

    @property
    def names(self) -> npt.NDArray[np.uint8]:
        """The names that the records define, one after the other; see `PackedNodes.names`."""
        return self.arrays["names"]

    @property
    def name_table(self) -> NameTable:
        """Which records define a name."""
        return NameTable(self.arrays["name_first"], self.arrays["name_records"])

    @cached_property
    def symbol_kinds(self) -> tuple[Sequence[str], npt.NDArray[np.unsignedinteger]]:
        """The kinds of symbols, and the position of each node's kind among them.

        Columns of an earlier version have them computed from all nodes, in seconds.
        """
        stored = self.arrays.get("symbol_kind")
        if stored is not None:
            return _texts(self.arrays["symbol_kinds"]), stored
        place_of: dict[str, int] = {}
        each = (kind for number in range(len(self)) for kind in pack_nodes(self.record(number).nodes).symbol_kinds())
        places = np.fromiter((place_of.setdefault(kind, len(place_of)) for kind in each), np.uint32)
        return list(place_of), places

    @property
    def words(self) -> frozenset[str] | None:
        """What the writer computed from the nodes; None in columns of an earlier version."""
        return frozenset(_texts(self.arrays["words"])) - {""} if "words" in self.arrays else None

    @cached_property
    def name_beginnings(self) -> NameBeginnings:
        """How the names begin; columns of an earlier version have them computed."""
        stored = self.arrays.get("name_beginnings")
        if stored is not None:
            return NameBeginnings(stored)
        return beginnings_of(self._bytes("names", number) for number in range(len(self)))

    @cached_property
    def paths(self) -> Sequence[str]:
        """The paths, ascending."""
        return _texts(self.arrays["paths"]) if len(self) else ()

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """The position of each path."""
        return dict(zip(self.paths, range(len(self)), strict=True))

    @cached_property
    def stamps(self) -> Sequence[tuple[int, int]]:
        """The size and the modification time of each record."""
        arrays = self.arrays
        return list(zip(arrays["size_bytes"].tolist(), arrays["mtime_ns"].tolist(), strict=True))

    def node_count(self, number: int) -> int:
        """Return the number of nodes of a record."""
        return int(self.first_node[number + 1] - self.first_node[number])

    def record(self, number: int) -> FileRecord:
        """Return a record; its nodes are read when they are used."""
        arrays = self.arrays
        text, touched = unpack_extra(self._bytes("extra", number))
        return FileRecord(
            self.paths[number],
            self.languages[arrays["language"][number]],
            int(arrays["size_bytes"][number]),
            int(arrays["mtime_ns"][number]),
            arrays["digest"][number, : arrays["digest_bytes"][number]].tobytes(),
            StoredNodes(self.node_count(number), lambda: self._nodes(number)),
            self.authors[arrays["author"][number]],
            int(arrays["date"][number]),
            text,
            touched,
        )

    def _nodes(self, number: int) -> NodeParts:
        own = slice(int(self.first_node[number]), int(self.first_node[number + 1]))
        keys, kinds = self.keys[self.node_key[own]], self.node_kind[own]
        return NodeParts(keys.tobytes(), kinds.tobytes(), self._bytes("names", number), self._bytes("nodes", number))

    def _bytes(self, name: str, number: int) -> bytes:
        ends = self.arrays[f"{name}_ends"]
        start = int(ends[number - 1]) if number else 0
        return self.arrays[name][start : int(ends[number])].tobytes()


def open_columns(path: Path, *, verify: bool = True) -> Columns | None:
    """Return the columns of a file, or None if it is missing, damaged or of another version.

    Without `verify`, damage within an array is not noticed.
    """
    try:
        segment = open_segment(path, verify=verify)
        if segment.fields.get("kind") != _KIND:
            return None
        fields, arrays = segment.fields, segment.arrays
        languages, authors = _texts(arrays["languages"]), _texts(arrays["authors"])
        return Columns(fields["generation"], fields["identity"], arrays, languages, authors)
    except (OSError, CorruptError, ValueError, KeyError, TypeError, msgpack.UnpackException, IndexNewerError):
        return None  # Whatever is wrong with it, the metadata has everything.


def write_columns(
    path: Path,
    records: Callable[[], Iterable[FileRecord]],
    *,
    generation: int,
    identity: str,
    traits: Callable[[str], bytes],
    words: Callable[[Iterable[PackedNodes]], Iterable[str]],
) -> None:
    """Write the records, which `records` returns ascending by path, each time it is called.

    They are read twice, and once more by `words`. Few of them are in memory at a time. Raises
    OSError.
    """
    writer = _Writer(traits)
    sizes: list[tuple[int, int]] = []
    beginnings = BeginningsWriter()
    table = name_table(_names(records(), sizes, beginnings))
    nodes, names = np.array(sizes, np.int64).reshape(-1, 2).T
    columns = {
        "nodes": Column(np.dtype(np.uint8), (int(nodes.sum()),)),
        "names": Column(np.dtype(np.uint8), (int(names.sum()),)),
    }
    fields = {"kind": _KIND, "generation": generation, "identity": identity}
    known = {
        "nodes_ends": np.cumsum(nodes),
        "names_ends": np.cumsum(names),
        "name_first": table.first,
        "name_records": table.records,
        "name_beginnings": beginnings.finished().bits,
        "words": _text(sorted(words(pack_nodes(record.nodes) for record in records()))),
    }
    write_streamed(path, fields, Streamed(columns, writer.blocks(records()), lambda: {**writer.rest(), **known}))


def _names(
    records: Iterable[FileRecord], sizes: list[tuple[int, int]], beginnings: BeginningsWriter
) -> Iterator[bytes]:
    """Yield the names of each record.

    The bytes of its nodes and of these are added to `sizes`, and the names to `beginnings`.
    """
    for record in records:
        parts = parts_of(record.nodes)
        sizes.append((len(parts.rest), len(parts.names)))
        beginnings.add(parts.names)
        yield parts.names


class _Writer:
    """Collects the short columns while the long ones are written."""

    def __init__(self, traits: Callable[[str], bytes]) -> None:
        self._traits_of = traits
        self._language_of: dict[str, int] = {}
        self._author_of: dict[str, int] = {}
        self._paths: list[str] = []
        self._numbers: list[tuple[int, int, int, int, int, int]] = []
        self._digests: list[bytes] = []
        self._extra: list[bytes] = []
        self._traits: list[bytes] = []
        self._counts: list[int] = []
        self._keys: list[bytes] = []
        self._kinds: list[bytes] = []
        self._symbol_kind_of: dict[str, int] = {}
        self._symbol_kinds: list[npt.NDArray[np.uint32]] = [np.empty(0, np.uint32)]

    def blocks(self, records: Iterable[FileRecord]) -> Iterator[Mapping[str, Array]]:
        waiting = iter(records)
        while listed := list(islice(waiting, _BLOCK_RECORDS)):
            parts = [parts_of(record.nodes) for record in listed]
            for record in listed:
                self._add(record)
            kinds = [kind for of_record in parts for kind in PackedNodes(of_record.data()).symbol_kinds()]
            known = self._symbol_kind_of
            self._symbol_kinds.append(np.array([known.setdefault(kind, len(known)) for kind in kinds], np.uint32))
            self._counts += [len(of_record.kinds) for of_record in parts]
            self._keys += [of_record.keys for of_record in parts]
            self._kinds += [of_record.kinds for of_record in parts]
            yield {
                "nodes": _array(b"".join([of_record.rest for of_record in parts])),
                "names": _array(b"".join([of_record.names for of_record in parts])),
            }

    def rest(self) -> Mapping[str, Array]:
        keys, places = np.unique(np.frombuffer(b"".join(self._keys), "<i8"), return_inverse=True)
        numbers = np.array(self._numbers, np.int64).reshape(-1, 6).T
        names = ("size_bytes", "mtime_ns", "date", "language", "author", "digest_bytes")
        return {
            **{name: np.ascontiguousarray(column) for name, column in zip(names, numbers, strict=True)},
            "keys": keys,
            "node_key": places.astype("<i4"),
            "node_kind": _array(b"".join(self._kinds)),
            "first_node": np.concatenate(([0], np.cumsum(self._counts))).astype("<i4"),
            "paths": _text(self._paths),
            "symbol_kind": self._symbol_kind(),
            "symbol_kinds": _text(self._symbol_kind_of),
            "languages": _text(self._language_of),
            "authors": _text(self._author_of),
            "digest": _array(b"".join([digest.ljust(16, b"\0") for digest in self._digests])).reshape(-1, 16),
            "extra": _array(b"".join(self._extra)),
            "extra_ends": np.cumsum([len(extra) for extra in self._extra], dtype=np.int64),
            "traits": _array(b"".join(self._traits)).reshape(len(self._paths), -1 if self._paths else 0),
        }

    def _symbol_kind(self) -> npt.NDArray[np.unsignedinteger]:
        """Return the position of each node's kind of symbol in as few bytes as it needs."""
        largest = max(len(self._symbol_kind_of) - 1, 0)
        return np.concatenate(self._symbol_kinds).astype(np.min_scalar_type(largest))

    def _add(self, record: FileRecord) -> None:
        extra = pack_extra(record)
        language = self._language_of.setdefault(record.language, len(self._language_of))
        author = self._author_of.setdefault(record.author, len(self._author_of))
        self._paths.append(record.path)
        self._digests.append(record.digest)
        self._extra.append(extra)
        self._traits.append(self._traits_of(record.path))
        self._numbers.append((record.size_bytes, record.mtime_ns, record.date, language, author, len(record.digest)))


def _array(data: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def _texts(text: Array) -> list[str]:
    return text.tobytes().decode("utf-8", _SURROGATES).split("\0")


def _text(texts: Iterable[str]) -> npt.NDArray[np.uint8]:
    return _array("\0".join(texts).encode("utf-8", _SURROGATES))
