"""WordPiece over the words of identifiers: what `tokenizer.json` describes, in Python and with a cache by identifier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from codekin.domain.words import IDENTIFIER, split_identifier

_LONGEST_WORD = 100
_CACHE = 300_000
_CONTINUED = "##"


class WordPiece:
    """Greedy longest match first (Wu et al. 2016). Safe to call from several threads."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._id_of = {token: number for number, token in enumerate(vocabulary)}
        self._unknown = self._id_of["[UNK]"]
        self._known: dict[str, tuple[int, ...]] = {}

    def ids(self, text: str) -> list[int]:
        """Token ids of a text, in order."""
        return list(chain.from_iterable(map(self._of_identifier, IDENTIFIER.findall(text))))

    def _of_identifier(self, identifier: str) -> tuple[int, ...]:
        known = self._known.get(identifier)
        if known is None:
            known = tuple(chain.from_iterable(map(self._of_word, split_identifier(identifier))))
            if len(self._known) >= _CACHE:
                self._known.clear()
            self._known[identifier] = known
        return known

    def _of_word(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
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
                return [self._unknown]
        return pieces
