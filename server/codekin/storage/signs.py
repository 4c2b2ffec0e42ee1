"""The first stage of a search over many vectors: the signs of their components, a thirty-second of the bytes.

The share of components whose signs differ estimates the angle between two vectors (Charikar, "Similarity estimation
techniques from rounding algorithms", 2002). It is enough to leave out most rows; the rest is ranked by exact cosine.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Mask, Vectors

WORD_BITS = 64
RECALL_AT_10 = 0.998
"""On 99,833 chunks under the bundled model, queries that are comments of chunks left out: `docs/measurements.md`."""
_BLOCK_ROWS = 4_096
_BASE_ROWS, _ROWS_PER_RESULT = 4_000, 10
_AT_ROWS = 100_000
_MOST_SHARE = 0.25
"""Beyond this share of all rows, gathering costs as much as scanning them."""


class Signs:
    """The signs of some rows, one bit each; their width must be a multiple of WORD_BITS. Immutable."""

    def __init__(self, rows: Vectors) -> None:
        self._rows = rows

    @cached_property
    def _words(self) -> npt.NDArray[np.uint64]:
        """Made by the first search: 10 ms and 3.2 MB for 100,000 rows of 256."""
        rows = self._rows
        blocks = [np.packbits(rows[at : at + _BLOCK_ROWS] > 0, axis=1) for at in range(0, len(rows), _BLOCK_ROWS)]
        # One run for each 64 components: a query then goes over them in order.
        return np.ascontiguousarray(np.concatenate(blocks).view(np.uint64).T)

    def nearest(self, query: Vectors, k: int, usable: Mask | None) -> npt.NDArray[np.intp] | None:
        """Positions, ascending, of the usable rows among which the k nearest are to be looked for; None where that would be
        too many for a first stage to be of use.
        """
        rows = len(self._rows)
        wanted = (_BASE_ROWS + _ROWS_PER_RESULT * k) * max(1.0, rows / _AT_ROWS)
        available = rows if usable is None else int(np.count_nonzero(usable))
        if wanted > _MOST_SHARE * available:
            return None
        differing = self._differing(query)
        counts = np.bincount(differing if usable is None else differing[usable])
        threshold = int(np.searchsorted(np.cumsum(counts), wanted))
        near = differing <= threshold
        return np.flatnonzero(near if usable is None else near & usable)

    def _differing(self, query: Vectors) -> npt.NDArray[np.uint16]:
        """How many components of each row have another sign than the query's."""
        differing = np.zeros(len(self._rows), np.uint16)
        scratch = np.empty(len(self._rows), np.uint64)
        for words, word in zip(self._words, np.packbits(query > 0).view(np.uint64), strict=True):
            np.bitwise_xor(words, word, out=scratch)
            differing += np.bitwise_count(scratch)
        return differing
