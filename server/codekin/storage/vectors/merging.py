"""Merging the rows of several segments into one, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from codekin.domain.ports import Keys, Mask, Vectors
from codekin.storage.segment_file import Array
from codekin.storage.segment_stream import Column, Streamed
from codekin.storage.vectors.binary_codes import TWO_STAGE_ROWS, WORD_BITS, signs_of

_BLOCK_ROWS = 8_192


def merged_rows(
    parts: Sequence[tuple[Vectors, Mask | None]], keys: Keys, dim: int, forget_pages: Callable[[], None]
) -> Streamed:
    """Return the live rows of all parts in the order of their keys.

    `keys` are those of the live rows, part after part; within a part they ascend, so that each
    part is read from beginning to end. `forget_pages` is called when a block has been read.
    """
    sources = np.concatenate(
        [np.arange(len(rows)) if alive is None else np.flatnonzero(alive) for rows, alive in parts]
    ).astype(np.int32)
    counts = [len(rows) if alive is None else int(alive.sum()) for rows, alive in parts]
    owners = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    order = np.argsort(keys, kind="stable")
    with_signs = len(keys) > TWO_STAGE_ROWS and dim % WORD_BITS == 0

    def blocks() -> Iterator[Mapping[str, Array]]:
        for at in range(0, len(order), _BLOCK_ROWS):
            chosen = order[at : at + _BLOCK_ROWS]
            block = np.empty((len(chosen), dim), "<f4")
            of_part, source = owners[chosen], sources[chosen]
            for number in np.unique(of_part).tolist():
                here = np.flatnonzero(of_part == number)
                block[here] = parts[number][0][source[here]]
            yield {"rows": block, **({"signs": signs_of(block)} if with_signs else {})}
            forget_pages()

    columns = {"rows": Column(np.dtype("<f4"), (len(keys), dim))}
    if with_signs:
        columns["signs"] = Column(np.dtype(np.uint8), (len(keys), dim // 8))
    return Streamed(columns, blocks(), lambda: {"keys": keys[order].astype("<i8", copy=False)})
