"""Training pairs."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path


def read_pairs(paths: Iterable[Path]) -> Iterator[dict[str, str]]:
    """Yield the pairs of `.jsonl.xz` files: kind, lang, repo, path, query, code."""
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
