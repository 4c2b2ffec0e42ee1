"""BM25 over windows of lines, as retrieval without syntax and without vectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.agents.blocks import Block, block_of
from benchmarks.bm25 import PlainBM25, code_of

SIZES = (10, 20, 40)


class Windows:
    """The windows of all files of code in a tree, without tests."""

    def __init__(self, tree: Path, size: int) -> None:
        self._size = size
        self._texts: dict[str, list[str]] = {}
        self._places: list[tuple[str, int]] = []
        self._index = PlainBM25()
        for path, text in code_of(tree):
            lines = self._texts[path] = text.split("\n")
            for start in range(0, len(lines), size):
                self._places.append((path, start))
                self._index.add("\n".join(lines[start : start + size]))

    def search(self, text: str) -> Iterator[Block]:
        """Yield the windows, best first."""
        scores = self._index.scores(text)
        for place in sorted(scores, key=lambda place: (-scores[place], place)):
            path, start = self._places[place]
            lines = self._texts[path]
            yield block_of(path, range(start, min(start + self._size, len(lines))), lines)
