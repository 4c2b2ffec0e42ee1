"""What is taken of a text: its chunks without its secrets, and their keys."""

from __future__ import annotations

from dataclasses import dataclass

from codekin.chunking.chunker import CHUNKER_VERSION, chunked
from codekin.chunking.parsing import LIMIT_S
from codekin.chunking.secrets import redact
from codekin.domain.values import Chunk


@dataclass(frozen=True, slots=True)
class Redacted:
    """Chunks in the order of the text, their content keys, and how many secrets were blanked out of it beforehand. `trouble` says
    why they were cut without regard to syntax, see `Chunked`.
    """

    chunks: list[Chunk]
    keys: list[int]
    secrets: int
    trouble: str = ""


def redacted_chunks(path: str, text: str, limit_s: float = LIMIT_S) -> Redacted:
    """Deterministic where parsing stays within `limit_s`; never raises for any text."""
    clean, secrets = redact(text)
    made = chunked(path, clean, limit_s=limit_s)
    return Redacted(made.chunks, [chunk.content_key(CHUNKER_VERSION) for chunk in made.chunks], secrets, made.trouble)
