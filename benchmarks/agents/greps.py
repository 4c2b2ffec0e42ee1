"""Grep as an agent may use it: naive, and tuned with the best of many settings."""

from __future__ import annotations

import math
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from benchmarks.agents.blocks import Block, block_of
from benchmarks.bm25 import is_code
from codekin.searching.query.parsing import parse_query

_LIMIT_S = 120
_MAX_WORDS = 200
_MIN_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """How tuned grep is used.

    It looks for the `words` rarest words of the question, ranks files by the number of distinct
    words or by their rarity, and prints `window` lines around the best one of a file. `code_only`
    leaves out tests and files that are not code.
    """

    words: int
    window: int
    by_rarity: bool
    code_only: bool


SETTINGS = [Settings(*values) for values in product((8, 16, 32), (1, 3, 7, 15, 31, 61), (False, True), (False, True))]


class Grep:
    """The lines of a tree that contain words of one question, found by `rg`."""

    def __init__(self, tree: Path, question: str) -> None:
        self._tree = tree
        query = parse_query(question)
        words = [word for word in (*query.identifiers, *query.content_words) if len(word) >= _MIN_LETTERS]
        self._words = list(dict.fromkeys(word.lower() for word in words))[:_MAX_WORDS]
        self._hits = _hits(tree, self._words)
        self._files: dict[str, int] = defaultdict(int)
        for by_word in self._hits.values():
            for word in by_word:
                self._files[word] += 1

    def naive(self) -> Iterator[Block]:
        """Yield the whole files that contain a word, word by word in the order of the question."""
        seen: set[str] = set()
        for word in self._words:
            for path in sorted(path for path, found in self._hits.items() if word in found):
                if path not in seen:
                    seen.add(path)
                    lines = self._lines(path)
                    yield block_of(path, range(len(lines)), lines)

    def tuned(self, settings: Settings) -> Iterator[Block]:
        """Yield a window of each file, best file first."""
        rare = set(sorted(self._files, key=lambda word: (self._files[word], word))[: settings.words])
        weights = {
            word: math.log1p(len(self._hits) / self._files[word]) if settings.by_rarity else 1.0 for word in rare
        }
        scores = {
            path: sum(weights[word] for word in found if word in rare)
            for path, found in self._hits.items()
            if not settings.code_only or is_code(path)
        }
        for path in sorted(scores, key=lambda path: (-scores[path], path)):
            if scores[path] > 0:
                hits = {word: numbers for word, numbers in self._hits[path].items() if word in rare}
                lines = self._lines(path)
                yield block_of(path, _window(hits, weights, settings.window, len(lines)), lines)

    @cache  # noqa: B019 - the object lives for one question
    def _lines(self, path: str) -> list[str]:
        return (self._tree / path).read_text(encoding="utf-8", errors="replace").split("\n")


def _hits(tree: Path, words: Sequence[str]) -> dict[str, dict[str, list[int]]]:
    """Return for each file the lines of each word."""
    command = ["rg", "--no-config", "-n", "-o", "-i", "-w", "-F", "--no-heading", "--null", "--max-columns", "2000"]
    command += [part for word in words for part in ("-e", word)]
    done = subprocess.run([*command, "."], cwd=tree, capture_output=True, timeout=_LIMIT_S, check=False)
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        path, _, rest = line.partition("\0")
        number, _, word = rest.partition(":")
        if number.isdigit():
            found[path.removeprefix("./")][word.lower()].append(int(number) - 1)
    return found


def _window(hits: Mapping[str, Sequence[int]], weights: Mapping[str, float], size: int, count: int) -> range:
    """Return the lines around the hit whose window has the most words."""
    at = sorted((number, word) for word, numbers in hits.items() for number in numbers)
    best, most = 0, -1.0
    for number in {number for number, _ in at}:
        start = max(0, min(number - size // 2, count - size))
        total = sum(weights[word] for word in {word for other, word in at if start <= other < start + size})
        if total > most:
            best, most = start, total
    return range(best, min(best + size, count))
