"""Plain BM25 over whole files of code, as a bar to measure the ranking against."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path

from codekin.chunking import language_of
from codekin.domain.paths import TEST_PATH
from codekin.domain.words import identifiers, split_identifier

_NOT_CODE = frozenset(("text", "markdown", "json", "yaml", "toml", "xml", "html", "css", "rst", "ini", "csv"))
_MAX_BYTES = 1_000_000
_K1, _B = 1.2, 0.75


class PlainBM25:
    """The words and the identifiers of each file of code below a folder, without tests."""

    def __init__(self, tree: Path) -> None:
        """Read all files."""
        self._paths: list[str] = []
        self._lengths: list[int] = []
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for path in sorted(tree.rglob("*")):
            name = path.relative_to(tree).as_posix()
            if path.is_file() and _is_code(name) and path.stat().st_size <= _MAX_BYTES:
                counts = _counts(path.read_text(encoding="utf-8", errors="replace"))
                for word, count in counts.items():
                    self._postings[word].append((len(self._paths), count))
                self._paths.append(name)
                self._lengths.append(counts.total())
        self._mean = sum(self._lengths) / max(1, len(self._lengths))

    def search(self, text: str, limit: int) -> list[str]:
        """Return the paths of the best files, at most `limit`; a repeated word counts once."""
        scores: dict[int, float] = defaultdict(float)
        for word in _counts(text):
            found = self._postings.get(word, ())
            rarity = math.log1p((len(self._paths) - len(found) + 0.5) / (len(found) + 0.5))
            for file, count in found:
                norm = _K1 * (1 - _B + _B * self._lengths[file] / self._mean)
                scores[file] += rarity * count * (_K1 + 1) / (count + norm)
        best = sorted(scores, key=lambda file: (-scores[file], self._paths[file]))
        return [self._paths[file] for file in best[:limit]]


def _is_code(path: str) -> bool:
    return language_of(path) not in _NOT_CODE and not TEST_PATH.search(path)


def _counts(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for identifier in identifiers(text):
        parts = split_identifier(identifier)
        found.update(parts)
        if len(parts) > 1:
            found[identifier.lower()] += 1
    return found
