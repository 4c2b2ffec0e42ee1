"""WordPiece over the words of identifiers: what `tokenizer.json` describes, in Python and with a cache by identifier."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from codekin.domain.words import identifiers, split_identifier

_LONGEST_WORD = 100
_CACHE = 100_000
_CONTINUED = "##"
_ID = "q"
"""Ids are kept as the bytes of 64-bit numbers: those of a text are joined and read as an array, and none becomes an object."""
COUNTS_AGAIN = (2, 5, 10, 17, 26, 37, 50)
"""A word that comes that often in a text counts once more: the square root of how often it comes, rounded up, 8 at most. Whole
numbers, because the format of the tokenizer's file can say no other. Counted each time, the name of a loop variable would be
what a long function is about.
"""
_MOST = COUNTS_AGAIN[-1]
_MORE = [bisect_right(COUNTS_AGAIN, times) for times in range(_MOST + 1)]
"""How much more than once a word counts that comes so often."""
_Made = TypeVar("_Made")


class _Known(dict[str, _Made]):
    """A cache whose hits cost no call of Python's: three times faster than a method. Emptied when it is full."""

    def __init__(self, made: Callable[[str], _Made]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, text: str) -> _Made:
        if len(self) >= _CACHE:
            self.clear()
        made = self[text] = self._made(text)
        return made


class WordPiece:
    """Greedy longest match first (Wu et al. 2016). Safe to call from several threads."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._id_of = {token: number for number, token in enumerate(vocabulary)}
        self._unknown = self._id_of["[UNK]"]
        self._of_identifier = _Known(self._words)
        self._of_word = _Known(self._pieces_of_word)

    def ids(self, text: str) -> npt.NDArray[np.int64]:
        """Token ids of a text, in no order that means anything; those of a word that comes again as often as `COUNTS_AGAIN` says."""
        counts = Counter(chain.from_iterable(map(self._of_identifier.__getitem__, identifiers(text))))
        more = [word * _MORE[min(_MOST, times)] for word, times in counts.items() if times > 1]
        return np.frombuffer(b"".join([*counts, *more]), np.int64)

    def _words(self, identifier: str) -> tuple[bytes, ...]:
        return tuple(map(self._of_word.__getitem__, split_identifier(identifier)))

    def _pieces_of_word(self, word: str) -> bytes:
        return array(_ID, self.pieces(word)).tobytes()

    def pieces(self, word: str) -> Sequence[int]:
        """Token ids of one word in lower case, in order."""
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        if (whole := self._id_of.get(word)) is not None:  # nine of ten
            return (whole,)
        pieces: list[int] = []
        start = 0
        while start < len(word):
            prefix = _CONTINUED if start else ""
            for end in range(len(word), start, -1):
                number = self._id_of.get(prefix + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return (self._unknown,)
        return pieces
