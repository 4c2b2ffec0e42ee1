"""BM25 over windows of lines, as retrieval without syntax and without vectors."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.agents.blocks import Block, block_of
from benchmarks.agents.greps import is_code
from codekin.domain.words import identifiers, split_identifier

_MAX_BYTES = 1_000_000
_K1, _B = 1.2, 0.75
SIZES = (10, 20, 40)


class Windows:
    """The windows of all files of code in a tree, without tests."""

    def __init__(self, tree: Path, size: int) -> None:
        self._size = size
        self._texts: dict[str, list[str]] = {}
        self._places: list[tuple[str, int]] = []
        self._lengths: list[int] = []
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for path in sorted(tree.rglob("*")):
            name = path.relative_to(tree).as_posix()
            if path.is_file() and is_code(name) and path.stat().st_size <= _MAX_BYTES:
                self._add(name, path.read_text(encoding="utf-8", errors="replace").split("\n"))
        self._mean = sum(self._lengths) / max(1, len(self._lengths))

    def search(self, text: str) -> Iterator[Block]:
        """Yield the windows, best first."""
        scores: dict[int, float] = defaultdict(float)
        for word in _counts(text):
            found = self._postings.get(word, ())
            rarity = math.log1p((len(self._places) - len(found) + 0.5) / (len(found) + 0.5))
            for place, count in found:
                norm = _K1 * (1 - _B + _B * self._lengths[place] / self._mean)
                scores[place] += rarity * count * (_K1 + 1) / (count + norm)
        for place in sorted(scores, key=lambda place: (-scores[place], place)):
            path, start = self._places[place]
            lines = self._texts[path]
            yield block_of(path, range(start, min(start + self._size, len(lines))), lines)

    def _add(self, name: str, lines: list[str]) -> None:
        self._texts[name] = lines
        for start in range(0, len(lines), self._size):
            counts = _counts("\n".join(lines[start : start + self._size]))
            for word, count in counts.items():
                self._postings[word].append((len(self._places), count))
            self._places.append((name, start))
            self._lengths.append(counts.total())


def _counts(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for identifier in identifiers(text):
        parts = split_identifier(identifier)
        found.update(parts)
        if len(parts) > 1:
            found[identifier.lower()] += 1
    return found
