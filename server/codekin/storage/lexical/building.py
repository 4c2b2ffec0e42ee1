"""From chunks to the arrays of a segment. Sorted once, as numbers: an identifier is looked at once, however often it stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.domain.values import Chunk
from codekin.domain.words import identifiers
from codekin.storage.lexical.segment import FIELDS, Arrays, assembled
from codekin.storage.lexical.terms import terms_of_identifier

Numbers = npt.NDArray[np.int64]


class Draft:
    """Chunks on their way into a segment: their words are looked up as they come, and sorted when all are there. An identifier is
    made into terms once, however often it stands there; the rest is done on numbers.
    """

    def __init__(self, is_known: Callable[[Keys], Mask]) -> None:
        self._is_known = is_known
        self._seen = _Numbers()
        self._terms: list[tuple[int, ...]] = []
        self._keys: list[int] = []
        self._taken: set[int] = set()
        self._how_many: list[int] = []
        self._which: list[Numbers] = []

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> Sequence[int]:
        """Content keys of the chunks, as they came."""
        return self._keys

    def take_in(self, chunks: Mapping[int, Chunk]) -> None:
        """Chunks by content key; those that are known or were taken in before cost nothing."""
        new = np.array([key for key in chunks if key not in self._taken], dtype=np.int64)
        self._taken.update(chunks)
        keys = new[~self._is_known(new)].tolist()
        self._keys += keys
        found = chain.from_iterable(self._found(chunks[key] for key in keys))
        self._which.append(np.fromiter(map(self._seen.__getitem__, found), dtype=np.int64))
        self._terms += map(terms_of_identifier, self._seen.fresh)
        self._seen.fresh.clear()

    def arrays(self) -> Arrays:
        """Of one segment, rows ascending by key."""
        unsorted, fields = np.array(self._keys, dtype=np.int64), len(FIELDS)
        order = np.argsort(unsorted)
        row_of = np.empty_like(order)
        row_of[order] = np.arange(len(order))
        found = _term_numbers(self._terms, np.concatenate(self._which or [np.empty(0, np.int64)]), self._how_many)
        rows_in_all = max(1, len(order))
        # Sorted as one number a term, row and field: nothing else has to be moved along.
        places = (row_of[:, None] * fields + np.arange(fields)).ravel()
        code = found.numbers * (rows_in_all * fields) + np.repeat(places, found.lengths)
        triples, times = np.unique(code, return_counts=True)
        pairs = triples // fields
        field = triples - pairs * fields
        begins = np.diff(pairs, prepend=-1) > 0
        counts = np.zeros((fields, int(begins.sum())), np.uint8)
        counts[field, np.cumsum(begins) - 1] = np.minimum(times, 255)
        pairs = pairs[begins]
        term_of = pairs // rows_in_all  # and not `np.divmod`, which takes ten times as long
        rows = pairs - term_of * rows_in_all
        first = np.searchsorted(term_of, np.arange(len(found.terms) + 1))
        lengths = found.lengths.reshape(-1, fields)[order].T.astype(np.float32, order="C")
        return assembled(unsorted[order], lengths, found.terms, first, rows, counts)

    def _found(self, chunks: Iterable[Chunk]) -> Iterator[list[str]]:
        """One text's at a time: all of them would not stay within the caches."""
        for chunk in chunks:
            for text in _TEXTS:
                found = identifiers(text(chunk))
                self._how_many.append(len(found))
                yield found


def build(chunks: Mapping[int, Chunk]) -> Arrays:
    """Arrays of one segment, rows ascending by key."""
    draft = Draft(lambda keys: np.zeros(len(keys), np.bool_))
    draft.take_in(chunks)
    return draft.arrays()


@dataclass(frozen=True, slots=True)
class _TermNumbers:
    """`terms` ascending; `numbers` are positions in it, of all texts in a row; `lengths` how many each text has."""

    terms: Numbers
    numbers: Numbers
    lengths: Numbers


class _Numbers(dict[str, int]):
    """Counts what is looked up for the first time, and keeps it in `fresh`."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: list[str] = []

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        self.fresh.append(text)
        return number


def _term_numbers(made: Sequence[tuple[int, ...]], which: Numbers, how_many: Sequence[int]) -> _TermNumbers:
    """`made` are the terms of each identifier, `which` says where it stands, and `how_many` identifiers a text has."""
    sizes = np.fromiter(map(len, made), dtype=np.int64, count=len(made))
    flat = np.fromiter(chain.from_iterable(made), dtype=np.int64, count=int(sizes.sum()))
    terms, number_of = np.unique(flat, return_inverse=True)
    counts = sizes[which]
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = number_of[np.repeat((np.cumsum(sizes) - sizes)[which], counts) + steps]
    ends = np.concatenate(([0], np.cumsum(counts)))[np.concatenate(([0], np.cumsum(how_many, dtype=np.int64)))]
    return _TermNumbers(terms, numbers, np.diff(ends))


def _symbols(chunk: Chunk) -> str:
    return " ".join((chunk.symbol, *(definition.name for definition in chunk.definitions)))


_TEXTS: tuple[Callable[[Chunk], str], ...] = (lambda chunk: chunk.text, _symbols, lambda chunk: chunk.doc)
"""In the order of FIELDS."""
