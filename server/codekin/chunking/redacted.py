"""What is taken of a text: its chunks without its secrets."""

from __future__ import annotations

from dataclasses import dataclass

from codekin.chunking.chunker import chunk_file
from codekin.chunking.secrets import redact
from codekin.domain.values import Chunk


@dataclass(frozen=True, slots=True)
class Redacted:
    """Chunks in the order of the text, and how many secrets were blanked out of it beforehand."""

    chunks: list[Chunk]
    secrets: int


def redacted_chunks(path: str, text: str) -> Redacted:
    """Deterministic, never raises for any text."""
    clean, secrets = redact(text)
    return Redacted(chunk_file(path, clean), secrets)
