"""The chunks of a text without its secrets, and their keys."""

from __future__ import annotations

from dataclasses import dataclass

from codekin.chunking.chunker import CHUNKER_VERSION, chunked
from codekin.chunking.parsing import LIMIT_S
from codekin.chunking.secrets import redact
from codekin.domain.values import Chunk


@dataclass(frozen=True, slots=True)
class Redacted:
    """Chunks in the order of the text, their content keys, and the number of secrets blanked out.

    `trouble` says why the text was cut without regard to syntax; see `Chunked`.
    """

    chunks: list[Chunk]
    keys: list[int]
    secrets: int
    trouble: str = ""


def redacted_chunks(path: str, text: str, limit_s: float = LIMIT_S) -> Redacted:
    """Blank out the secrets of a text and chunk it.

    Deterministic if parsing stays within `limit_s`. Never raises for any text.
    """
    clean, secrets = redact(text)
    made = chunked(path, clean, limit_s=limit_s)
    return Redacted(made.chunks, [chunk.content_key(CHUNKER_VERSION) for chunk in made.chunks], secrets, made.trouble)
