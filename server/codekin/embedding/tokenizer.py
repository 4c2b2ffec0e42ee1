"""WordPiece over the words of identifiers, as `tokenizer.json` describes it, with a cache."""

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

_MAX_WORD_CHARACTERS = 100
_CACHE = 100_000
_CONTINUED = "##"
_ID = "q"
"""Ids are kept as the bytes of 64-bit numbers.

Those of a text are joined and read as an array, so that no id becomes an object.
"""
COUNTS_AGAIN = (2, 5, 10, 17, 26, 37, 50)
"""At each of these numbers of occurrences in a text, a word counts once more.

A word thus counts by the square root of its occurrences, rounded up, at most 8 times. Weights are
whole numbers because the file format of the tokenizer allows no others. If every occurrence
counted, the name of a loop variable would dominate a long function.
"""
_MAX_COUNTED = COUNTS_AGAIN[-1]
_MORE = [bisect_right(COUNTS_AGAIN, times) for times in range(_MAX_COUNTED + 1)]
"""Additional counts by the number of occurrences."""
_Value = TypeVar("_Value")


class _Cache(dict[str, _Value]):
    """A cache whose hits need no Python call, which is three times faster than a method.

    It is cleared when it is full.
    """

    def __init__(self, compute: Callable[[str], _Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, text: str) -> _Value:
        if len(self) >= _CACHE:
            self.clear()
        value = self[text] = self._compute(text)
        return value


class WordPiece:
    """Greedy longest match first (Wu et al. 2016). Safe to call from several threads."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._id_of = {token: number for number, token in enumerate(vocabulary)}
        self._unknown = self._id_of["[UNK]"]
        self._of_identifier = _Cache(self._words)
        self._of_word = _Cache(self._pieces_of_word)

    def ids(self, text: str) -> npt.NDArray[np.int64]:
        """Return the token ids of a text, in no particular order.

        Ids of repeated words are repeated as `COUNTS_AGAIN` defines.
        """
        counts = Counter(chain.from_iterable(map(self._of_identifier.__getitem__, identifiers(text))))
        more = [word * _MORE[min(_MAX_COUNTED, times)] for word, times in counts.items() if times > 1]
        return np.frombuffer(b"".join([*counts, *more]), np.int64)

    def _words(self, identifier: str) -> tuple[bytes, ...]:
        return tuple(map(self._of_word.__getitem__, split_identifier(identifier)))

    def _pieces_of_word(self, word: str) -> bytes:
        return array(_ID, self.pieces(word)).tobytes()

    def knows(self, word: str) -> bool:
        """Return whether a word in lower case is a token by itself."""
        return len(word) > 1 and word in self._id_of

    def pieces(self, word: str) -> Sequence[int]:
        """Return the token ids of one word in lower case, in order."""
        if len(word) > _MAX_WORD_CHARACTERS:
            return (self._unknown,)
        if (number_of_word := self._id_of.get(word)) is not None:  # True for nine of ten words.
            return (number_of_word,)
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
