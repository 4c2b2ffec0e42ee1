"""From chunks to the arrays of a segment. Sorted once, as numbers: an identifier is looked at once, however often it stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from codekin.domain.values import Chunk
from codekin.domain.words import identifiers
from codekin.storage.lexical_part import FIELDS, Arrays, assembled
from codekin.storage.terms import terms_of_identifier


def build(chunks: Mapping[int, Chunk]) -> Arrays:
    """Arrays of one segment, rows ascending by key."""
    keys = sorted(chunks)
    texts = [text(chunks[key]) for text in _TEXTS for key in keys]
    found = _term_numbers(texts)
    lengths = found.lengths.reshape(len(FIELDS), len(keys))
    fields, rows_in_all = len(FIELDS), max(1, len(keys))
    # Sorted as one number a term, row and field: nothing else has to be moved along.
    places = (np.arange(rows_in_all) * fields + np.arange(fields)[:, None])[:, : len(keys)].ravel()
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
    return assembled(np.array(keys, dtype=np.int64), lengths.astype(np.float32), found.terms, first, rows, counts)


@dataclass(frozen=True, slots=True)
class _TermNumbers:
    """`terms` ascending; `numbers` are positions in it, of all texts in a row; `lengths` how many each text has."""

    terms: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


class _Numbers(dict[str, int]):
    """Counts what is looked up for the first time."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def _term_numbers(texts: Sequence[str]) -> _TermNumbers:
    """An identifier is made into terms once, however often it stands there; the rest is done on numbers."""
    how_many: list[int] = []

    def found() -> Iterator[list[str]]:
        """One text's at a time: all of them would not stay within the caches."""
        for text in texts:
            named = identifiers(text)
            how_many.append(len(named))
            yield named

    seen = _Numbers()
    which = np.fromiter(map(seen.__getitem__, chain.from_iterable(found())), dtype=np.int64)
    made = list(map(terms_of_identifier, seen))
    sizes = np.fromiter(map(len, made), dtype=np.int64, count=len(made))
    flat = np.fromiter(chain.from_iterable(made), dtype=np.int64, count=int(sizes.sum()))
    terms, number_of = np.unique(flat, return_inverse=True)
    counts = sizes[which]
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = number_of[np.repeat((np.cumsum(sizes) - sizes)[which], counts) + steps]
    ends = np.concatenate(([0], np.cumsum(counts)))[np.concatenate(([0], np.cumsum(how_many)))]
    return _TermNumbers(terms, numbers, np.diff(ends))


def _symbols(chunk: Chunk) -> str:
    return " ".join((chunk.symbol, *(definition.name for definition in chunk.definitions)))


_TEXTS: tuple[Callable[[Chunk], str], ...] = (lambda chunk: chunk.text, _symbols, lambda chunk: chunk.doc)
"""In the order of FIELDS."""
