"""Texts on their way to the model: so many at a time; what fails is tried again, and a text that fails by itself is set aside.

A text is told from a model that is out of order by asking the model for something harmless.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from codekin.domain.ports import Embedder, Keys, Mask, Vectors
from codekin.errors import EmbedderError

UNIT_TEXTS = 1_024
"""Waiting for the model at once: what a failure costs, and what memory a large model takes."""
PAUSES_S = (0.05, 0.2, 0.8)
"""Before the second, third and fourth try of a unit."""
_HARMLESS = "a harmless text"
_NOT_FINITE = "The model gave a vector with numbers that are not finite."


class Vectorizer:
    """`quarantined` holds the reason by content key; it is shared with whoever shows it, and emptied to have all tried again."""

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
        """(keys, rows) of the texts that the model takes, in their order; those that were set aside before are not tried.
        Raises EmbedderError when the model takes no text at all.
        """
        rows = np.zeros((len(keys), self._embedder.dim), dtype=np.float32)
        made = np.zeros(len(keys), dtype=np.bool_)
        named = keys.tolist()
        wanted = [place for place, key in enumerate(named) if key not in self._quarantined]
        for start in range(0, len(wanted), UNIT_TEXTS):
            self._unit(wanted[start : start + UNIT_TEXTS], named, texts, rows, made)
        return (keys, rows) if made.all() else (keys[made], np.ascontiguousarray(rows[made]))

    def _unit(self, places: list[int], keys: list[int], texts: Sequence[str], rows: Vectors, made: Mask) -> None:
        try:
            rows[places] = self._patiently([texts[place] for place in places])
            made[places] = True
        except EmbedderError as error:
            self._embedder.embed_passages([_HARMLESS])  # raises where it is the model, not a text
            self._split(places, str(error), keys, texts, rows, made)
        broken = np.array(places)[~np.isfinite(rows[places]).all(axis=1)]
        made[broken] = False
        self._quarantined.update((keys[place], _NOT_FINITE) for place in broken.tolist())

    def _patiently(self, texts: list[str]) -> Vectors:
        for pause_s in self._pauses_s:
            try:
                return self._embedder.embed_passages(texts)
            except EmbedderError:
                self._wait(pause_s)
        return self._embedder.embed_passages(texts)

    def _split(
        self, places: list[int], reason: str, keys: list[int], texts: Sequence[str], rows: Vectors, made: Mask
    ) -> None:
        """Halves what failed until single texts are left: a few more calls for each that is bad."""
        failed = [(places, reason)]
        while failed:
            part, why = failed.pop()
            if len(part) == 1:
                self._quarantined[keys[part[0]]] = why
                continue
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                try:
                    rows[half] = self._embedder.embed_passages([texts[place] for place in half])
                    made[half] = True
                except EmbedderError as error:
                    failed.append((half, str(error)))
