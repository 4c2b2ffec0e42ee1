"""Definitions of texts that no grammar of a programming language reads: found by their lines, or in the scripts that they embed."""

from __future__ import annotations

from collections.abc import Sequence

from codekin.chunking.definitions import Found
from codekin.chunking.outlines.embedded import EMBEDDING
from codekin.chunking.outlines.sections import SECTIONED, sections

__all__ = ["EMBEDDING", "outline"]


def outline(language: str, lines: Sequence[str]) -> list[Found] | None:
    """Return the definitions of a text by its lines, or None for a language that is not read so. Never raises for any text."""
    return sections(language, lines) if language in SECTIONED else None
