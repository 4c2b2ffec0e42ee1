"""The files of a snapshot from mapped columns, with those that changed since in their place."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import merge
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys
from codekin.searching.snapshot.blocks import Blocks, FileBlock, FileFacts, ListedBlocks, Nodes, SymbolKinds, words_of
from codekin.searching.snapshot.name_index import MappedNames, NameIndex
from codekin.storage import Columns, pack_nodes
from codekin.storage.top_k import present

_KEPT_BLOCKS = 4_096
"""The files that 30 searches look at closely; each takes some 7 kB, or 32 kB with its stems."""
Ints = npt.NDArray[np.int32]
_Value = TypeVar("_Value", bound=np.generic)


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
    def key_counts(self) -> Ints:
        """The number of nodes with each key."""
        return np.bincount(self.columns.node_key, minlength=len(self.columns.keys)).astype(np.int32)

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
        if columns.words is not None:
            return columns.words
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
        """Return the nodes of all files; about 10 ms for a million nodes."""
        columns = self._base.columns
        if self._whole:
            # The copy of the keys is owned by the snapshot; stores cache by its identity.
            return Nodes(columns.first_node, columns.node_kind, columns.node_key, columns.keys.copy())
        others = self._others.nodes()
        pieces = self._pieces(others.first)
        count = np.concatenate((np.diff(columns.first_node), np.diff(others.first)))
        ends = np.concatenate(([0], np.cumsum(count[self._place]))).astype(np.int32)
        unused = self._unused(others.keys)
        keys, key_of = _spliced(columns.keys, unused, others.keys)
        key_of_others = np.searchsorted(keys, others.keys).astype(np.int32)
        node_key = _joined(pieces, key_of[columns.node_key], key_of_others[others.key])
        return Nodes(ends, _joined(pieces, columns.node_kind, others.kind), node_key, keys)

    def symbol_kinds(self) -> SymbolKinds:
        """Return the kind of the symbol of each node."""
        kinds, kind = self._base.columns.symbol_kinds
        if self._whole:
            return SymbolKinds(kinds, kind)
        others = self._others.symbol_kinds()
        pieces = self._pieces(self._others.nodes().first)
        of_others = others.kind + np.uint32(len(kinds))
        return SymbolKinds([*kinds, *others.kinds], _joined(pieces, kind.astype(np.uint32), of_others))

    def _pieces(self, first_of_others: Ints) -> list[tuple[int, slice]]:
        """Return the nodes in the order of the files, as ranges of the base (0) and others (1)."""
        source, first_of_base = self._source, self._base.columns.first_node
        before = np.concatenate((np.array([-1], np.int32), source[:-1]))
        begins = np.flatnonzero((before < 0) | (source != before + 1))
        lasts = np.append(begins[1:], len(source)) - 1
        pieces = []
        for begin, last in zip(source[begins].tolist(), source[lasts].tolist(), strict=True):
            if begin >= 0:
                pieces.append((0, slice(int(first_of_base[begin]), int(first_of_base[last + 1]))))
            else:
                pieces.append((1, slice(int(first_of_others[-1 - begin]), int(first_of_others[-begin]))))
        return pieces

    def _unused(self, keys_of_others: Keys) -> npt.NDArray[np.intp]:
        """Return the positions, ascending, of the keys of the base that no file has any more."""
        columns = self._base.columns
        shown = np.zeros(len(columns), np.bool_)
        shown[self._source[self._source >= 0]] = True
        first = columns.first_node
        gone = [columns.node_key[first[number] : first[number + 1]] for number in np.flatnonzero(~shown).tolist()]
        places, counts = np.unique(np.concatenate([*gone, np.empty(0, np.int32)]), return_counts=True)
        places = places[self._base.key_counts[places] == counts]
        unused: npt.NDArray[np.intp] = places[~present(keys_of_others, columns.keys[places])]
        return unused

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


def _joined(
    pieces: Sequence[tuple[int, slice]], of_base: npt.NDArray[_Value], of_others: npt.NDArray[_Value]
) -> npt.NDArray[_Value]:
    """Return values of nodes in the order of the files, from ranges of the base or the others."""
    each = of_base, of_others
    return np.concatenate([each[which][piece] for which, piece in pieces] or [of_others])


def _spliced(known: Keys, unused: npt.NDArray[np.intp], others: Keys) -> tuple[Keys, Ints]:
    """Return `known` without its keys at some positions and with others, and where each is then.

    All are ascending and distinct. The positions of keys that are not there any more mean nothing.
    """
    places = np.searchsorted(known, others)
    fresh = ~present(known, others)
    added, keys_added = places[fresh], others[fresh]
    # What is added at a position comes before what is removed there.
    at = np.concatenate((added, unused))
    step = np.concatenate((np.ones(len(added), np.int32), np.full(len(unused), -1, np.int32)))
    order = np.argsort(at, kind="stable")
    position = np.arange(len(known), dtype=np.int32)
    pieces, start, shift, next_added = [], 0, 0, 0
    for place, change in zip(at[order].tolist(), step[order].tolist(), strict=True):
        pieces.append(known[start:place])
        position[start:place] += shift
        start = place
        shift += change
        if change > 0:
            pieces.append(keys_added[next_added : next_added + 1])
            next_added += 1
        else:
            start = place + 1
    pieces.append(known[start:])
    position[start:] += shift
    return np.concatenate(pieces), position
