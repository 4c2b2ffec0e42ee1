"""Definitions of texts that no grammar of a programming language reads.

They are found by their lines, or in the scripts that the text embeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from codekin.chunking.definitions import Found
from codekin.chunking.outlines.blocks import BLOCKED, blocks
from codekin.chunking.outlines.builds import cmake_commands, recipes, stages, targets
from codekin.chunking.outlines.embedded import EMBEDDING
from codekin.chunking.outlines.perl import perl_definitions
from codekin.chunking.outlines.sections import SECTIONED, sections
from codekin.chunking.outlines.settings import json_keys, toml_tables, yaml_keys
from codekin.chunking.outlines.sql import created

__all__ = ["EMBEDDING", "outline"]

_BY_LINES: dict[str, Callable[[Sequence[str]], list[Found]]] = {
    "sql": created,
    "dockerfile": stages,
    "make": targets,
    "just": recipes,
    "cmake": cmake_commands,
    "toml": toml_tables,
    "perl": perl_definitions,
}
_BY_PATH: dict[str, Callable[[str, Sequence[str]], list[Found]]] = {"yaml": yaml_keys, "json": json_keys}


def outline(path: str, language: str, lines: Sequence[str]) -> list[Found] | None:
    """Return the definitions of a text by its lines, or None for a language that is not line-based.

    No text raises an exception.
    """
    if language in SECTIONED:
        return sections(language, lines)
    if language in BLOCKED:
        return blocks(language, lines)
    if language in _BY_PATH:
        return _BY_PATH[language](path, lines)
    return _BY_LINES[language](lines) if language in _BY_LINES else None
