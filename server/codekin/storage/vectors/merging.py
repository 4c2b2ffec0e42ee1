"""Merging the rows of several segments into one, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from codekin.domain.ports import Keys, Mask
from codekin.storage.segment_file import Array
from codekin.storage.segment_stream import Column, Streamed
from codekin.storage.vectors.binary_codes import sign_names, signs_of
from codekin.storage.vectors.stored_rows import INTEGERS, StoredRows

_BLOCK_ROWS = 8_192


def merged_rows(
    parts: Sequence[tuple[StoredRows, Mask | None]],
    keys: Keys,
    dim: int,
    forget_pages: Callable[[], None],
    *,
    integers: bool,
) -> Streamed:
    """Return the live rows of all parts in the order of their keys, as integers or as numbers.

    `keys` are those of the live rows, part after part; within a part they ascend, so that each
    part is read from beginning to end. Integers are accompanied by their signs. `forget_pages` is
    called when a block has been read.
    """
    sources = np.concatenate(
        [np.arange(len(rows)) if alive is None else np.flatnonzero(alive) for rows, alive in parts]
    ).astype(np.int32)
    counts = [len(rows) if alive is None else int(alive.sum()) for rows, alive in parts]
    owners = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    order = np.argsort(keys, kind="stable")
    columns = _columns(len(keys), dim, integers=integers)

    def blocks() -> Iterator[Mapping[str, Array]]:
        for at in range(0, len(order), _BLOCK_ROWS):
            chosen = order[at : at + _BLOCK_ROWS]
            block = {name: np.empty((len(chosen), *column.shape[1:]), column.dtype) for name, column in columns.items()}
            of_part, source = owners[chosen], sources[chosen]
            for number in np.unique(of_part).tolist():
                here = np.flatnonzero(of_part == number)
                rows, places = parts[number][0], source[here].astype(np.intp)
                if integers:
                    block["rows"][here], block["scales"][here] = rows.get_quantized(places)
                else:
                    block["rows"][here] = rows.get(places)
            if integers:
                block.update(signs_of(block["rows"]))
            yield block
            forget_pages()

    return Streamed(columns, blocks(), lambda: {"keys": keys[order].astype("<i8", copy=False)})


def _columns(count: int, dim: int, *, integers: bool) -> dict[str, Column]:
    if not integers:
        return {"rows": Column(np.dtype("<f4"), (count, dim))}
    return {
        "rows": Column(np.dtype(INTEGERS), (count, dim)),
        "scales": Column(np.dtype("<f4"), (count,)),
        **dict.fromkeys(sign_names(dim), Column(np.dtype("<u8"), (count,))),
    }
