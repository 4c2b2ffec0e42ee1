"""BM25 as textbooks have it, as a bar to measure the ranking against."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from codekin.chunking import language_of
from codekin.domain.paths import TEST_PATH
from codekin.domain.words import identifiers, split_identifier

_NOT_CODE = frozenset(("text", "markdown", "json", "yaml", "toml", "xml", "html", "css", "rst", "ini", "csv"))
_MAX_BYTES = 1_000_000
_K1, _B = 1.2, 0.75


class PlainBM25:
    """The words and the identifiers of texts, which are numbered in the order they were added."""

    def __init__(self) -> None:
        self._lengths: list[int] = []
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def add(self, text: str) -> None:
        """Add the next text."""
        counts = _counts(text)
        for word, count in counts.items():
            self._postings[word].append((len(self._lengths), count))
        self._lengths.append(counts.total())

    def scores(self, query: str) -> dict[int, float]:
        """Return the positive scores of texts by number; a repeated word counts once."""
        mean = sum(self._lengths) / max(1, len(self._lengths))
        scores: dict[int, float] = defaultdict(float)
        for word in _counts(query):
            found = self._postings.get(word, ())
            rarity = math.log1p((len(self._lengths) - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                norm = _K1 * (1 - _B + _B * self._lengths[number] / mean)
                scores[number] += rarity * count * (_K1 + 1) / (count + norm)
        return scores


def code_of(tree: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of the files of code below a folder, without tests and large files."""
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_file() and is_code(name) and path.stat().st_size <= _MAX_BYTES:
            yield name, path.read_text(encoding="utf-8", errors="replace")


def is_code(path: str) -> bool:
    """Return whether a file is code and no test."""
    return language_of(path) not in _NOT_CODE and not TEST_PATH.search(path)


def _counts(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for identifier in identifiers(text):
        parts = split_identifier(identifier)
        found.update(parts)
        if len(parts) > 1:
            found[identifier.lower()] += 1
    return found
