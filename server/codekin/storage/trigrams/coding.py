"""Trigrams of a text, and lists of rows as bytes.

A row is stored as its distance from the row before it in the list, 7 bits in a byte, the lowest
first; the highest bit of a byte says that another one follows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Trigrams = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

LENGTH = 3
ALWAYS = 0
"""Stands for all trigrams, in a text whose own must not be stored."""
_LONG_S = "\N{LATIN SMALL LETTER LONG S}"
_OTHER = np.uint32(0x808080)
_NEWLINE = ord("\n")
_MOST_BYTES = 5
_KEY_BYTES = 8


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
