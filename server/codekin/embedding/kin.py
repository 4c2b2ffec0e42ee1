"""Words that are used like other words ("retry": "retries", "reconnect", "backoff"), by the bundled model's token vectors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from codekin.embedding.model_files import BUNDLED, KIN, read_card, read_checked, read_vocabulary
from codekin.embedding.safetensors import tensors


class KinWords:
    """The nearest words of each word in the bundled vocabulary; independent of the embedder in use."""

    def __init__(self, directory: Path) -> None:
        data = read_checked(directory / KIN, read_card(directory).get("kin_sha256"))
        self._vocabulary = read_vocabulary(directory)
        self._number_of = {word: number for number, word in enumerate(self._vocabulary)}
        found = tensors(data)
        self._words, self._similarity = found["words"], found["similarity"]

    def of(self, word: str) -> list[tuple[str, float]]:
        """(word, cosine), nearest first, at most ten and none under 0.4; empty for a word that is not in the vocabulary.
        `word` is in lower case.
        """
        number = self._number_of.get(word)
        if number is None:
            return []
        pairs = zip(self._words[number].tolist(), self._similarity[number].tolist(), strict=True)
        return [(self._vocabulary[other], similarity / 255) for other, similarity in pairs if similarity]


@cache
def kin_words() -> KinWords:
    """The bundled ones, read once (30 ms). Raises EmbedderError where the file is missing or damaged."""
    return KinWords(BUNDLED)
