"""Plain BM25 over whole files of code."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bm25 import PlainBM25, code_of


class FilesByWords:
    """The files of code below a folder, without tests."""

    def __init__(self, tree: Path) -> None:
        """Read all files."""
        self._paths: list[str] = []
        self._index = PlainBM25()
        for path, text in code_of(tree):
            self._paths.append(path)
            self._index.add(text)

    def search(self, text: str, limit: int) -> list[str]:
        """Return the paths of the best files, at most `limit`."""
        scores = self._index.scores(text)
        best = sorted(scores, key=lambda file: (-scores[file], self._paths[file]))
        return [self._paths[file] for file in best[:limit]]
