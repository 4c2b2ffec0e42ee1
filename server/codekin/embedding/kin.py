"""Words with a similar use, by the token vectors of the bundled model.

For "retry" these are "retries", "reconnect", "backoff".
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from codekin.embedding.model_files import BUNDLED, SIMILAR_WORDS, read_card, read_checked, read_vocabulary, tensor


class SimilarWords:
    """The most similar words of each word in the bundled vocabulary.

    They do not depend on the embedder in use.
    """

    def __init__(self, directory: Path) -> None:
        data = read_checked(directory / SIMILAR_WORDS, read_card(directory).get("kin_sha256"))
        self._vocabulary = read_vocabulary(directory)
        self._number_of = {word: number for number, word in enumerate(self._vocabulary)}
        self._words, self._similarity = tensor(data, "words"), tensor(data, "similarity")

    def of(self, word: str) -> list[tuple[str, float]]:
        """Return (word, cosine), nearest first, at most ten with a cosine of at least 0.4.

        `word` is in lower case. The result is empty for a word that is not in the vocabulary.
        """
        number = self._number_of.get(word)
        if number is None:
            return []
        pairs = zip(self._words[number].tolist(), self._similarity[number].tolist(), strict=True)
        return [(self._vocabulary[other], similarity / 255) for other, similarity in pairs if similarity]


@cache
def similar_words() -> SimilarWords:
    """Return the bundled words, read once (30 ms).

    Raises EmbedderError if the file is missing or corrupt.
    """
    return SimilarWords(BUNDLED)
