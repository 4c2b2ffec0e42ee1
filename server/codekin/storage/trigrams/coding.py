"""Trigrams of a text, and lists of rows as bytes.

A row is stored as its distance from the row before it in the list, 7 bits in a byte, the lowest
first; the highest bit of a byte says that another one follows. A list that would take as many bytes
as a bit for each row of the segment is stored as these bits instead, the first row in the highest
bit. The length of a list therefore says what it is. Segments of few rows have no such lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Trigrams = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Items = TypeVar("Items", bound=npt.NDArray[Any])

LENGTH = 3
ALWAYS = 0
"""Stands for all trigrams, in a text whose own must not be stored."""
_LONG_S = "\N{LATIN SMALL LETTER LONG S}"
_OTHER = np.uint32(0x808080)
_NEWLINE = ord("\n")
_MOST_BYTES = 5
_KEY_BYTES = 8
_BITMAP_ROWS = 512


def content_key(digest: bytes) -> int:
    """Return the key of a text by the digest of its file, or -1 without one."""
    return int.from_bytes(digest[:_KEY_BYTES], "little") >> 1 if digest else -1


def folded(text: str) -> str:
    """Return a text in which letters that may match each other without case are the same."""
    return text.lower().replace(_LONG_S, "s")


def trigrams_of(text: str) -> Trigrams:
    """Return the distinct trigrams of a folded text, ascending.

    Those with a line break or a character outside ASCII are left out: a line may end in several
    ways, and lower-casing is not always exact.
    """
    data = np.frombuffer(folded(text).encode("utf-8", "surrogatepass"), np.uint8)
    if len(data) < LENGTH:
        return np.empty(0, np.uint32)
    wide = data.astype(np.uint32)
    codes = (wide[:-2] << 16) | (wide[1:-1] << 8) | wide[2:]
    break_at = (data == _NEWLINE) | (data == ord("\r"))
    broken = break_at[:-2] | break_at[1:-1] | break_at[2:]
    codes = codes[~broken & ((codes & _OTHER) == 0)]
    codes.sort()
    distinct: Trigrams = codes[np.diff(codes, prepend=np.uint32(_OTHER)) != 0]
    return distinct


def encoded(rows: Rows, first: Rows) -> tuple[Bytes, Rows]:
    """Return (bytes, where each list begins in them, and the end).

    `rows` are those of all lists, ascending within a list; `first` is where each list begins.
    """
    distances = np.diff(rows, prepend=0)
    distances[first[:-1]] = rows[first[:-1]]
    lengths = np.ones(len(rows), np.int8)
    for more in range(1, _MOST_BYTES):
        lengths += distances >= 1 << 7 * more
    ends = np.cumsum(lengths, dtype=np.int64)
    begins = ends - lengths
    data = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for number in range(int(lengths.max(initial=0))):
        here = np.flatnonzero(lengths > number)
        follows = np.where(lengths[here] > number + 1, 0x80, 0)
        data[begins[here] + number] = ((distances[here] >> 7 * number) & 0x7F) | follows
    return data, np.concatenate((begins, ends[-1:] if len(ends) else [0]))[first]


def decoded(data: Bytes, first: Rows) -> tuple[Rows, Rows]:
    """Return (rows, where each list begins in them, and the end), the inverse of `encoded`."""
    last = data < 0x80  # noqa: PLR2004 - the highest bit
    ends = np.flatnonzero(last) + 1
    begins = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    values = (data & 0x7F).astype(np.int64)
    if len(ends) != len(data):
        place = np.arange(len(data)) - np.repeat(begins, ends - begins)
        values = np.add.reduceat(values << 7 * place, begins)
    starts = np.searchsorted(begins, first)
    total = np.cumsum(values)
    before = np.concatenate(([0], total))[starts[:-1]]
    return total - np.repeat(before, np.diff(starts)), starts


def encoded_lists(rows: Rows, first: Rows, size: int) -> tuple[Bytes, Rows]:
    """Return (bytes, where each list begins in them, and the end) for rows below `size`.

    The arguments are those of `encoded`.
    """
    data, begins = encoded(rows, first)
    lengths = np.diff(begins)
    dense = _dense(lengths, size)
    lengths[dense] = _bitmap_bytes(size)
    bitmaps = []
    for number in dense.tolist():
        mask = np.zeros(size, np.bool_)
        mask[rows[first[number] : first[number + 1]]] = True
        bitmaps.append(np.packbits(mask))
    return _replaced(data, begins, dense, bitmaps), np.concatenate(([0], np.cumsum(lengths)))


def decoded_lists(data: Bytes, first: Rows, size: int) -> tuple[Rows, Rows]:
    """Return (rows, where each list begins in them, and the end), inverse of `encoded_lists`."""
    lengths = np.diff(first)
    dense = _dense(lengths, size)
    bitmaps = [data[first[number] : first[number + 1]] for number in dense.tolist()]
    lengths[dense] = 0
    others = _replaced(data, first, dense, [data[:0]] * len(dense))
    rows, starts = decoded(others, np.concatenate(([0], np.cumsum(lengths))))
    counts = np.diff(starts)
    found = [np.flatnonzero(np.unpackbits(bitmap, count=size)) for bitmap in bitmaps]
    counts[dense] = [len(of_list) for of_list in found]
    return _replaced(rows, starts, dense, found), np.concatenate(([0], np.cumsum(counts)))


def _bitmap_bytes(size: int) -> int:
    return -(-size // 8)


def _dense(lengths: Rows, size: int) -> npt.NDArray[np.intp]:
    """Return the numbers of the lists that are stored as bits."""
    is_dense = lengths >= _bitmap_bytes(size) if size >= _BITMAP_ROWS else np.zeros(len(lengths), np.bool_)
    return np.flatnonzero(is_dense)


def _replaced(items: Items, first: Rows, numbers: npt.NDArray[np.intp], others: Sequence[Items]) -> Items:
    """Return the lists of `items` joined, some of them replaced by others."""
    if not len(numbers):
        return items
    pieces, at = [], 0
    for number, other in zip(numbers.tolist(), others, strict=True):
        pieces += [items[at : int(first[number])], other]
        at = int(first[number + 1])
    joined: Items = np.concatenate([*pieces, items[at:]])  # type: ignore[assignment] # of the same type as its parts
    return joined
