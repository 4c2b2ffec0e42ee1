"""The files of a snapshot from mapped columns, with those that changed since in their place."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import merge
from itertools import chain

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys
from codekin.searching.snapshot.blocks import Blocks, FileBlock, FileFacts, ListedBlocks, Nodes, words_of
from codekin.searching.snapshot.name_index import MappedNames, NameIndex
from codekin.storage import Columns, pack_nodes

_KEPT_BLOCKS = 4_096
"""The files that 30 searches look at closely; each takes some 7 kB, or 32 kB with its stems."""
Ints = npt.NDArray[np.int32]


class Base:
    """Mapped columns, and the files of them that were used last."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._kept: OrderedDict[int, FileBlock] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def contents(self) -> Keys:
        """The key of each file's content; see `content_key`."""
        words = np.ascontiguousarray(self.columns.arrays["digest"][:, :8]).view("<u8").ravel()
        keys: Keys = (words >> np.uint64(1)).astype(np.int64)
        keys[self.columns.arrays["digest_bytes"] == 0] = -1
        return keys

    @cached_property
    def names(self) -> MappedNames:
        """The names of all files."""
        columns = self.columns
        return MappedNames(
            columns.names, columns.name_ends.tolist(), columns.name_table, lambda: columns.name_beginnings
        )

    @cached_property
    def _lower_paths(self) -> tuple[str, Keys]:
        """All paths in lower case, each with a NUL before it, and where each begins."""
        lower = [path.lower() for path in self.columns.paths]
        starts = np.cumsum([0, *(len(path) + 1 for path in lower[:-1])])
        return "".join([f"\0{path}" for path in lower]), starts

    def containing(self, text: str) -> Iterator[int]:
        """Yield the numbers of the files whose path in lower case contains a text."""
        paths, starts = self._lower_paths
        at = -1 if "\0" in text else paths.find(text)
        while at >= 0:
            number = int(np.searchsorted(starts, at, side="right")) - 1
            yield number
            if number + 1 == len(starts):
                return
            at = paths.find(text, int(starts[number + 1]))

    @cached_property
    def words_of_names(self) -> frozenset[str]:
        """The words of names that some of the files define."""
        columns = self.columns
        return words_of(pack_nodes(columns.record(number).nodes) for number in range(len(columns)))

    def block(self, number: int) -> FileBlock:
        """Return a file; any thread may call."""
        with self._lock:
            block = self._kept.get(number)
            if block is None:
                block = self._kept[number] = FileBlock(self.columns.record(number))
                if len(self._kept) > _KEPT_BLOCKS:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(number)
            return block


class MappedBlocks(Blocks):
    """The files of a base without the `gone` ones, and the files of `others`."""

    def __init__(
        self, base: Base, gone: Collection[int], others: Mapping[str, FileBlock], hidden: tuple[str, ...]
    ) -> None:
        """Take `others` by path, and the folders whose files are hidden, which end in a slash."""
        self._base, columns = base, base.columns
        kept = np.ones(len(columns), np.bool_)
        kept[np.fromiter(gone, np.intp, len(gone))] = False
        shown = sorted(path for path in others if not (hidden and path.startswith(hidden)))
        for folder in hidden:
            kept[bisect_left(columns.paths, folder) : bisect_left(columns.paths, folder[:-1] + "0")] = False
        self._others = ListedBlocks([others[path] for path in shown])
        places = [bisect_left(columns.paths, path) for path in shown]
        # Files of the base are numbered from 0, the others from -1 downwards.
        source = np.insert(np.arange(len(columns), dtype=np.int32), places, -1 - np.arange(len(shown), dtype=np.int32))
        shown_too = source < 0
        shown_too[~shown_too] = kept[source[~shown_too]]
        self._source = source[shown_too]
        self._whole = not shown and bool(kept.all())

    def __len__(self) -> int:
        return len(self._source)

    def block(self, number: int) -> FileBlock:
        """Return the file at a position."""
        source = int(self._source[number])
        return self._base.block(source) if source >= 0 else self._others[-1 - source]

    @cached_property
    def paths(self) -> Sequence[str]:
        """The path of each file."""
        known, others = self._base.columns.paths, self._others.paths
        if self._whole:
            return known
        return [known[source] if source >= 0 else others[-1 - source] for source in self._source.tolist()]

    def containing(self, text: str) -> Iterator[int]:
        """Yield the positions of the files whose path in lower case contains a text."""
        of_base = (np.flatnonzero(self._source == number).tolist() for number in self._base.containing(text))
        of_others = (np.flatnonzero(self._source == -1 - number).tolist() for number in self._others.containing(text))
        return merge(chain.from_iterable(of_base), chain.from_iterable(of_others))

    def nodes(self) -> Nodes:
        """Return the nodes of all files; about 50 ms for a million nodes."""
        columns = self._base.columns
        if self._whole:
            # The copy of the keys is owned by the snapshot; stores cache by its identity.
            return Nodes(columns.first_node, columns.node_kind, columns.node_key, columns.keys.copy())
        others = self._others.nodes()
        first = np.concatenate((columns.first_node[:-1], len(columns.node_key) + others.first[:-1]))
        count = np.concatenate((np.diff(columns.first_node), np.diff(others.first)))
        place = self._place
        chosen = _ranges(first[place], count[place])
        keys, key_of, other_key_of = _union(columns.keys, others.keys)
        node_key = np.concatenate((key_of[columns.node_key], other_key_of[others.key]))[chosen]
        node_kind = np.concatenate((columns.node_kind, others.kind))[chosen]
        ends = np.concatenate(([0], np.cumsum(count[place]))).astype(np.int32)
        return Nodes(ends, node_kind, *_used(keys, node_key))

    def names(self) -> NameIndex:
        """Return the index of names by the files that define them."""
        columns, source = self._base.columns, self._source
        numbers = np.arange(len(source), dtype=np.int32)
        of_base = np.full(len(columns), -1, np.int32)
        of_base[source[source >= 0]] = numbers[source >= 0]
        of_others = numbers[source < 0]
        beside = NameIndex([block.nodes.names for block in self._others], of_others.tolist())
        return NameIndex.joined(self._base.names, of_base.tolist(), beside)

    def words_of_names(self) -> frozenset[str]:
        """Return the words of names that some of the files define, even if they changed since."""
        return self._base.words_of_names | self._others.words_of_names()

    def facts(self) -> FileFacts:
        """Return the language, the author, the date and the size of each file."""
        columns, others, place = self._base.columns, self._others.facts(), self._place
        arrays = columns.arrays
        return FileFacts(
            [*columns.languages, *others.languages],
            np.concatenate((arrays["language"], len(columns.languages) + others.language))[place],
            [*columns.authors, *others.authors],
            np.concatenate((arrays["author"], len(columns.authors) + others.author))[place],
            np.concatenate((arrays["date"], others.date))[place],
            np.concatenate((arrays["size_bytes"], others.size_bytes))[place],
        )

    def contents(self) -> Keys:
        """Return the key of each file's content, -1 for text in a buffer."""
        known, source = self._base.contents, self._source
        if self._whole:
            return known
        result = known[np.maximum(source, 0)]
        result[source < 0] = self._others.contents()
        return result

    def traits(self) -> npt.NDArray[np.uint8]:
        """Return the traits of each path."""
        known, source = self._base.columns.traits, self._source
        if self._whole:
            return known
        result = known[np.maximum(source, 0)]
        result[source < 0] = self._others.traits()
        return result

    @property
    def _place(self) -> Ints:
        """The position of each file among those of the base, followed by the others."""
        return np.where(self._source >= 0, self._source, len(self._base.columns) - 1 - self._source)


def _ranges(starts: Ints, counts: Ints) -> npt.NDArray[np.intp]:
    """Return the numbers [start, start + count) of all ranges, one after the other."""
    before = np.cumsum(counts) - counts
    ranges: npt.NDArray[np.intp] = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
    return ranges


def _union(known: Keys, others: Keys) -> tuple[Keys, Ints, Ints]:
    """Return the distinct keys of both, and the positions in them of the keys of each."""
    places = np.searchsorted(known, others)
    fresh = known[np.minimum(places, len(known) - 1)] != others
    inserted = np.zeros(len(known) + 1, np.int32)
    np.add.at(inserted, places[fresh], 1)
    before = np.cumsum(inserted, dtype=np.int32)
    keys = np.insert(known, places[fresh], others[fresh])
    return keys, np.arange(len(known), dtype=np.int32) + before[:-1], np.searchsorted(keys, others).astype(np.int32)


def _used(keys: Keys, node_key: Ints) -> tuple[Ints, Keys]:
    """Return the positions and the keys without the keys of no node."""
    used = np.zeros(len(keys), np.bool_)
    used[node_key] = True
    if used.all():
        return node_key, keys
    return (np.cumsum(used, dtype=np.int32) - 1)[node_key].astype(np.int32), keys[used]
