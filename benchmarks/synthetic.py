"""A large but plausible workspace: copies of real files with similar words exchanged."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from codekin.chunking import chunk_file
from codekin.domain.values import Skipped
from codekin.files import Rules, read_source, scan

_WORD = re.compile(r"[A-Z]?[a-z]{3,}")
_COMMON_SHARE = 0.15
"""Words in more than this share of the files are keywords of a language and stay."""
_CHANGED_SHARE = 0.3
_NEIGHBOURS = 40
_MOST_BYTES = 1_000_000


def make_workspace(source: Path, target: Path, chunks: int, seed: int = 0) -> int:
    """Fill `target` with about `chunks` chunks from the files of `source`.

    Returns the number of files.
    """
    texts = dict(_texts(source))
    sizes = {path: len(chunk_file(path, text)) + 1 for path, text in texts.items()}
    ranked, common = _vocabulary(texts)
    made = files = 0
    for copy in count():
        renamed = {} if copy == 0 else _exchanged(ranked, common, random.Random(seed + copy))
        for path, text in texts.items():
            if made >= chunks:
                return files
            file = target / f"part_{copy}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_renamed(text, renamed) if renamed else text, encoding="utf-8", newline="")
            made += sizes[path]
            files += 1
    return files


def _texts(source: Path) -> Iterator[tuple[str, str]]:
    rules = Rules(source, include=(), exclude=(), max_file_bytes=_MOST_BYTES)
    for item in sorted(
        (item for item in scan(source, rules, lambda: False) if not isinstance(item, Skipped)), key=lambda i: i.path
    ):
        read = read_source(source, item.path, _MOST_BYTES)
        if not isinstance(read, Skipped):
            yield item.path, read.text


def _vocabulary(texts: dict[str, str]) -> tuple[list[str], set[str]]:
    """Return (words by decreasing number of files, words so common that they must be keywords)."""
    files_with: Counter[str] = Counter()
    for text in texts.values():
        files_with.update({word.lower() for word in _WORD.findall(text)})
    common = {word for word, files in files_with.items() if files > _COMMON_SHARE * len(texts)}
    return [word for word, _ in files_with.most_common()], common


def _exchanged(ranked: list[str], common: set[str], chance: random.Random) -> dict[str, str]:
    """Map some of the words to other words of similar frequency."""
    return {
        word: ranked[min(len(ranked) - 1, max(len(common), place + chance.randint(-_NEIGHBOURS, _NEIGHBOURS)))]
        for place, word in enumerate(ranked)
        if word not in common and chance.random() < _CHANGED_SHARE
    }


def _renamed(text: str, renamed: dict[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        word = found.group()
        other = renamed.get(word.lower(), "")
        return (other.capitalize() if word[0].isupper() else other) or word

    return _WORD.sub(one, text)
