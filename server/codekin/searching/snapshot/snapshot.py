"""The immutable snapshot that a search runs on: metadata, vectors and postings joined by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Embedder, Keys, Mask, Vectors, VectorStore
from codekin.domain.values import Node, NodeKind
from codekin.searching.snapshot.blocks import Blocks, FileBlock
from codekin.searching.snapshot.file_names import FileNames
from codekin.searching.snapshot.name_index import NameIndex
from codekin.searching.snapshot.path_traits import DEMOTED
from codekin.searching.snapshot.text_cache import Texts
from codekin.storage import KINDS, GroupedPostings, LexicalView, TrigramView, located

__all__ = ["FILE_KIND", "KINDS", "Deep", "FileBlock", "Ints", "Snapshot", "SnapshotStores", "build_view"]

FILE_KIND = KINDS.index(NodeKind.FILE)

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Deep:
    """A second model with the vectors it has made so far; more arrive while the view is in use."""

    embedder: Embedder
    vectors: VectorStore


@dataclass(frozen=True, slots=True)
class SnapshotStores:
    """The stores that a snapshot searches.

    The overlay has the vectors of unsaved buffers, which are in no store; its keys ascend.
    """

    embedder: Embedder
    vectors: VectorStore
    lexical: LexicalView
    overlay_keys: Keys
    overlay_rows: Vectors
    deep: Deep | None = None
    trigrams: TrigramView | None = None


@dataclass(frozen=True)
class Snapshot:
    """Files ascending by path, nodes in the order of their files, `keys` ascending and distinct.

    `node_file` (n,) gives a node's file, `first_node` (files + 1,) a file's first node, `node_key`
    (n,) the position of a node's key in `keys`. `texts` are those on disk. `of_records` is whether
    the blocks are commits, pull requests and folders instead of files.
    """

    root: str
    blocks: Blocks
    backing: SnapshotStores
    first_node: Ints
    node_file: Ints
    node_kind: npt.NDArray[np.uint8]
    keys: Keys
    node_key: Ints
    texts: Texts
    of_records: bool = False
    revision: str = ""
    """The commit that contains these files, or "" for the files on disk."""

    def node(self, index: int) -> Node:
        """Return the stored node at a position."""
        file = int(self.node_file[index])
        return self.blocks[file].nodes[index - int(self.first_node[file])]

    @cached_property
    def file_of_path(self) -> Mapping[str, int]:
        """Position of each file by its path."""
        return {path: number for number, path in enumerate(self.blocks.paths)}

    @cached_property
    def definitions(self) -> NameIndex:
        """The index of names by the files that define them."""
        return self.blocks.names()

    @cached_property
    def traits(self) -> npt.NDArray[np.uint8]:
        """The traits of each file's path (files, TRAITS); see `path_traits.traits`.

        The first use takes 7 µs per file, which is 0.35 s for the first search of 50,000 files.
        """
        return self.blocks.traits()

    @cached_property
    def demoted(self) -> Mask:
        """Which files rank lower unless the query asks for their kind."""
        result: Mask = self.traits[:, DEMOTED].max(axis=1, initial=0) > 0
        return result

    @cached_property
    def file_names(self) -> FileNames:
        """The index of files by their names."""
        return FileNames(self.blocks.paths)

    @cached_property
    def words_of_files(self) -> GroupedPostings:
        """The postings by file, without those of its path. About 2 ms for 10,000 nodes."""
        chunks = self.node_kind != FILE_KIND
        files = self.node_file[chunks].astype(np.int64)
        return GroupedPostings(self.backing.lexical.parts, self.keys[self.node_key[chunks]], files, len(self.blocks))

    @cached_property
    def words_of_code(self) -> LexicalView:
        """The postings of the files that are not demoted; of all files if all or none are demoted.

        About 5 ms for 100,000 nodes.
        """
        demoted = self.demoted
        if demoted.all() or not demoted.any():
            return self.backing.lexical
        code = np.zeros(len(self.keys), np.bool_)
        code[self.node_key[~demoted[self.node_file]]] = True
        keys = self.keys[code]
        keys.flags.writeable = False
        return self.backing.lexical.restricted_to(keys)

    @cached_property
    def records_touching(self) -> Mapping[str, tuple[int, ...]]:
        """Positions of the records about a file, such as commits that changed it, by its path."""
        found: dict[str, list[int]] = {}
        for number, block in enumerate(self.blocks):
            for path in block.record.touched:
                found.setdefault(path, []).append(number)
        return {path: tuple(numbers) for path, numbers in found.items()}

    @cached_property
    def contents(self) -> Keys:
        """The key of each file's content in the trigram index; -1 for text in a buffer."""
        return self.blocks.contents()

    @cached_property
    def _nodes_by_key(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.node_key, kind="stable").astype(np.int32)
        first = np.searchsorted(self.node_key[order], np.arange(len(self.keys) + 1)).astype(np.int32)
        return order, first

    @cached_property
    def _node_of_key(self) -> tuple[Ints, npt.NDArray[np.intp]]:
        """One node of each key, and the other nodes; 10 ms for 1.5 million nodes."""
        nodes = np.arange(len(self.node_key), dtype=np.int32)
        node_of = np.empty(len(self.keys), np.int32)
        node_of[self.node_key] = nodes
        return node_of, np.flatnonzero(node_of[self.node_key] != nodes)

    def having(self, marked: Mask) -> Mask:
        """Return which nodes have one of the marked keys; `marked` is over `keys`."""
        node_of, others = self._node_of_key
        result = np.zeros(len(self.node_key), np.bool_)
        result[node_of[marked]] = True
        result[others] = marked[self.node_key[others]]
        return result

    def places(self, keys: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return (positions in `self.keys`, positions in `keys`) of the keys that the view has."""
        if not len(self.keys):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        found, slots = located(self.keys, keys)
        known = np.flatnonzero(found)
        return slots[known], known

    def locate(self, keys: Keys) -> tuple[Ints, Ints]:
        """Return (nodes, which): every node with one of `keys`, and the position of its key.

        Keys of content that is no longer in the workspace have no node.
        """
        slots, known = self.places(keys)
        order, first = self._nodes_by_key
        starts, counts = first[slots], first[slots + 1] - first[slots]
        which = np.repeat(known, counts).astype(np.int32)
        ramp = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return order[np.repeat(starts, counts) + ramp], which


def build_view(
    texts: Texts, blocks: Blocks, stores: SnapshotStores, *, of_records: bool = False, revision: str = ""
) -> Snapshot:
    """Join files into one snapshot; about 12 ms for 100,000 nodes in 7,000 files."""
    nodes = blocks.nodes()
    node_file = np.repeat(np.arange(len(blocks), dtype=np.int32), np.diff(nodes.first))
    keys = nodes.keys
    for array in (keys, nodes.first, node_file, nodes.key, stores.overlay_keys, stores.overlay_rows):
        array.flags.writeable = False  # searches share them, and stores cache by the identity of `keys`
    return Snapshot(
        root=texts.root,
        texts=texts,
        blocks=blocks,
        backing=replace(stores, lexical=stores.lexical.restricted_to(keys)),
        first_node=nodes.first,
        node_file=node_file,
        node_kind=nodes.kind,
        keys=keys,
        node_key=nodes.key,
        of_records=of_records,
        revision=revision,
    )
