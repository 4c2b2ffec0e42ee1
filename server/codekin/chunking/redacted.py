"""What is taken of a text: its chunks without its secrets, and their keys."""

from __future__ import annotations

from dataclasses import dataclass

from codekin.chunking.chunker import CHUNKER_VERSION, chunk_file
from codekin.chunking.secrets import redact
from codekin.domain.values import Chunk


@dataclass(frozen=True, slots=True)
class Redacted:
    """Chunks in the order of the text, their content keys, and how many secrets were blanked out of it beforehand."""

    chunks: list[Chunk]
    keys: list[int]
    secrets: int


def redacted_chunks(path: str, text: str) -> Redacted:
    """Deterministic, never raises for any text."""
    clean, secrets = redact(text)
    chunks = chunk_file(path, clean)
    return Redacted(chunks, [chunk.content_key(CHUNKER_VERSION) for chunk in chunks], secrets)
