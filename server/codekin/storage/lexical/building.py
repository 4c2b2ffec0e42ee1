"""The arrays of a segment, built from chunks.

A token is split and stemmed once, however often it occurs. Everything else works on numbers,
which are sorted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.domain.values import Chunk
from codekin.domain.words import tokens
from codekin.storage.lexical.packing import FIELDS
from codekin.storage.lexical.segment import Arrays, assembled
from codekin.storage.lexical.terms import terms_of_token

Numbers = npt.NDArray[np.int64]


class Draft:
    """Chunks to be written as one segment.

    Their words are looked up as chunks are added, and sorted when all have been added. A
    token is split into terms once, however often it occurs; the rest works on numbers.
    """

    def __init__(self, is_known: Callable[[Keys], Mask]) -> None:
        self._is_known = is_known
        self._seen = _Numbers()
        self._terms: list[tuple[int, ...]] = []
        self._keys: list[int] = []
        self._added: set[int] = set()
        self._token_counts: list[int] = []
        self._tokens_in_order: list[Numbers] = []

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> Sequence[int]:
        """Content keys of the chunks, in the order they were added."""
        return self._keys

    def add(self, chunks: Mapping[int, Chunk]) -> None:
        """Add chunks by content key; known and already added chunks are skipped at no cost."""
        new = np.array([key for key in chunks if key not in self._added], dtype=np.int64)
        self._added.update(chunks)
        keys = new[~self._is_known(new)].tolist()
        self._keys += keys
        found = chain.from_iterable(self._found(chunks[key] for key in keys))
        self._tokens_in_order.append(np.fromiter(map(self._seen.__getitem__, found), dtype=np.int64))
        self._terms += map(terms_of_token, self._seen.fresh)
        self._seen.fresh.clear()

    def arrays(self) -> Arrays:
        """Return the arrays of one segment, rows ascending by key."""
        unsorted, fields = np.array(self._keys, dtype=np.int64), len(FIELDS)
        order = np.argsort(unsorted)
        row_of = np.empty_like(order)
        row_of[order] = np.arange(len(order))
        found = _term_numbers(
            self._terms, np.concatenate(self._tokens_in_order or [np.empty(0, np.int64)]), self._token_counts
        )
        rows_in_all = max(1, len(order))
        # Term, row and field are sorted as one number, so nothing else has to be moved along.
        places = (row_of[:, None] * fields + np.arange(fields)).ravel()
        code = found.numbers * (rows_in_all * fields) + np.repeat(places, found.lengths)
        triples, times = np.unique(code, return_counts=True)
        pairs = triples // fields
        field = triples - pairs * fields
        begins = np.diff(pairs, prepend=-1) > 0
        counts = np.zeros((fields, int(begins.sum())), np.uint8)
        counts[field, np.cumsum(begins) - 1] = np.minimum(times, 255)
        pairs = pairs[begins]
        term_of = pairs // rows_in_all  # `np.divmod` takes ten times as long.
        rows = pairs - term_of * rows_in_all
        first = np.searchsorted(term_of, np.arange(len(found.terms) + 1))
        lengths = found.lengths.reshape(-1, fields)[order].T.astype(np.float32, order="C")
        return assembled(unsorted[order], lengths, found.terms, first, rows, tuple(counts))

    def _found(self, chunks: Iterable[Chunk]) -> Iterator[list[str]]:
        """Yield the tokens of one text at a time.

        Those of all texts would not fit the CPU caches.
        """
        for chunk in chunks:
            for text in _TEXTS:
                found = tokens(text(chunk))
                self._token_counts.append(len(found))
                yield found


def build(chunks: Mapping[int, Chunk]) -> Arrays:
    """Return the arrays of one segment, rows ascending by key."""
    draft = Draft(lambda keys: np.zeros(len(keys), np.bool_))
    draft.add(chunks)
    return draft.arrays()


@dataclass(frozen=True, slots=True)
class _TermNumbers:
    """The terms of all texts as numbers.

    `terms` are ascending. `numbers` are positions in `terms`, for all texts one after the other.
    `lengths` is the number of terms of each text.
    """

    terms: Numbers
    numbers: Numbers
    lengths: Numbers


class _Numbers(dict[str, int]):
    """Numbers texts in order of their first look-up, and collects the new ones in `fresh`."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: list[str] = []

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        self.fresh.append(text)
        return number


def _term_numbers(
    terms_by_token: Sequence[tuple[int, ...]], tokens_in_order: Numbers, token_counts: Sequence[int]
) -> _TermNumbers:
    """Return the terms of all texts.

    `tokens_in_order` are the tokens of all texts one after the other, as positions in
    `terms_by_token`. `token_counts` is the number of tokens of each text.
    """
    sizes = np.fromiter(map(len, terms_by_token), dtype=np.int64, count=len(terms_by_token))
    flat = np.fromiter(chain.from_iterable(terms_by_token), dtype=np.int64, count=int(sizes.sum()))
    terms, number_of = np.unique(flat, return_inverse=True)
    counts = sizes[tokens_in_order]
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = number_of[np.repeat((np.cumsum(sizes) - sizes)[tokens_in_order], counts) + steps]
    ends = np.concatenate(([0], np.cumsum(counts)))[np.concatenate(([0], np.cumsum(token_counts, dtype=np.int64)))]
    return _TermNumbers(terms, numbers, np.diff(ends))


def _symbols(chunk: Chunk) -> str:
    return " ".join((chunk.symbol, *(definition.name for definition in chunk.definitions)))


_TEXTS: tuple[Callable[[Chunk], str], ...] = (lambda chunk: chunk.text, _symbols, lambda chunk: chunk.doc)
"""In the order of FIELDS."""
