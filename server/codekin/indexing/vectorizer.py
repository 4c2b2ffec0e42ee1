"""Embeds texts in units, retries failures, and quarantines texts that fail on their own.

Embedding a harmless text tells a bad text from a broken model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from codekin.domain.ports import Embedder, Keys, Mask, Vectors
from codekin.errors import EmbedderError

UNIT_TEXTS = 1_024
"""Texts per unit: bounds the cost of a failure and the memory that a large model needs."""
PAUSES_S = (0.05, 0.2, 0.8)
"""Pauses before the second, third and fourth attempt at a unit."""
_HARMLESS = "a harmless text"
_NOT_FINITE = "The model returned a vector with numbers that are not finite."


class Vectorizer:
    """Embeds texts and records those that the model rejects.

    `quarantined` maps content keys to reasons. It is shared with the status; clearing it makes all
    texts eligible again.
    """

    def __init__(
        self,
        embedder: Embedder,
        quarantined: dict[int, str],
        pauses_s: Sequence[float] = PAUSES_S,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._embedder = embedder
        self._quarantined = quarantined
        self._pauses_s = pauses_s
        self._wait = wait

    def embed(self, keys: Keys, texts: Sequence[str]) -> tuple[Keys, Vectors]:
        """Return (keys, rows) of the texts that the model accepts, in order.

        Quarantined texts are skipped. Raises EmbedderError if the model accepts no text at all.
        """
        rows = np.zeros((len(keys), self._embedder.dim), dtype=np.float32)
        embedded = np.zeros(len(keys), dtype=np.bool_)
        listed = keys.tolist()
        eligible = [place for place, key in enumerate(listed) if key not in self._quarantined]
        for start in range(0, len(eligible), UNIT_TEXTS):
            self._unit(eligible[start : start + UNIT_TEXTS], listed, texts, rows, embedded)
        return (keys, rows) if embedded.all() else (keys[embedded], np.ascontiguousarray(rows[embedded]))

    def _unit(self, places: list[int], keys: list[int], texts: Sequence[str], rows: Vectors, embedded: Mask) -> None:
        try:
            rows[places] = self._embed_with_retries([texts[place] for place in places])
            embedded[places] = True
        except EmbedderError as error:
            self._embedder.embed_passages([_HARMLESS])  # Raises if the model is broken.
            self._split(places, str(error), keys, texts, rows, embedded)
        broken = np.array(places)[~np.isfinite(rows[places]).all(axis=1)]
        embedded[broken] = False
        self._quarantined.update((keys[place], _NOT_FINITE) for place in broken.tolist())

    def _embed_with_retries(self, texts: list[str]) -> Vectors:
        for pause_s in self._pauses_s:
            try:
                return self._embedder.embed_passages(texts)
            except EmbedderError:
                self._wait(pause_s)
        return self._embedder.embed_passages(texts)

    def _split(
        self, places: list[int], reason: str, keys: list[int], texts: Sequence[str], rows: Vectors, embedded: Mask
    ) -> None:
        """Halve a failed unit until single texts are left; costs a few calls per bad text."""
        failed = [(places, reason)]
        while failed:
            part, why = failed.pop()
            if len(part) == 1:
                self._quarantined[keys[part[0]]] = why
                continue
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                try:
                    rows[half] = self._embedder.embed_passages([texts[place] for place in half])
                    embedded[half] = True
                except EmbedderError as error:
                    failed.append((half, str(error)))
