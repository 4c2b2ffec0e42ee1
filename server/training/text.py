"""Words of a text as the tokenizer sees them; the package's own definition, so that training and use cannot differ."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

from codekin.domain.words import words


def read_pairs(path: Path) -> Iterator[dict[str, str]]:
    """Pairs of a `.jsonl.xz` file: kind, lang, repo, path, query, code."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def joined(text: str) -> str:
    """The words of a text, one space between them."""
    return " ".join(words(text))
