"""Where a name occurs: candidates from the postings, verified on the current text.

There is no graph of calls. Every occurrence of the name as a whole word counts, also in comments
and strings, and also of another definition with the same name.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from codekin.chunking import split_lines
from codekin.domain.words import bare_name
from codekin.searching.ranking.retrieval import check
from codekin.searching.snapshot.path_traits import DEMOTED
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot
from codekin.searching.snapshot.snippets import text_of
from codekin.storage import terms_of

_MAX_CHUNKS = 20_000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """One line, 0-based. `symbol` is the definition around it, "" if none."""

    root: str
    path: str
    line: int
    text: str
    symbol: str
    is_definition: bool


@dataclass(frozen=True, slots=True)
class References:
    """Definitions first, then uses in code, then those in tests and documents.

    `total` counts also those beyond the limit.
    """

    found: tuple[Reference, ...]
    total: int
    files: int


def find_references(
    views: Sequence[Snapshot], name: str, limit: int, cancel: threading.Event | None = None
) -> References:
    """Return the lines with the last part of a name as a word, in the same letter case. Blocking.

    Raises CancelledError.
    """
    bare = bare_name(name.strip()[:_LONGEST_NAME])
    terms = terms_of(bare)
    if not terms:
        return References((), 0, 0)
    word = re.compile(rf"(?<!\w){re.escape(bare)}(?!\w)")
    found: list[tuple[bool, bool, Reference]] = []
    for view in views:
        if view.of_records:
            continue
        for file in _files_with(view, terms[-1]):
            check(cancel)
            demoted = bool(view.traits[file][DEMOTED].max(initial=0))
            found += ((not item.is_definition, demoted, item) for item in _in_file(view, view.blocks[file], bare, word))
    found.sort(key=lambda item: (item[0], item[1], item[2].path, item[2].line))
    files = {(item.root, item.path) for *_, item in found}
    return References(tuple(item for *_, item in found[:limit]), len(found), len(files))


def _files_with(view: Snapshot, term: int) -> list[int]:
    """Return the files with a chunk that contains the term; a compound name is one term."""
    hits = view.backing.lexical.search([term], _MAX_CHUNKS)
    nodes, _ = view.locate(hits.keys)
    return [int(file) for file in np.unique(view.node_file[nodes])]


def _in_file(view: Snapshot, block: FileBlock, bare: str, word: re.Pattern[str]) -> Iterator[Reference]:
    text = text_of(view, block)
    if word.search(text) is None:
        return
    known = sorted({(item.line, item.name) for node in block.nodes for item in node.definitions})
    defining = {line for line, name in known if bare_name(name) == bare}
    names = iter([*known, (len(text) + 1, "")])
    following, around = next(names), ""
    for number, line in enumerate(split_lines(text)):
        while following[0] <= number:
            around = following[1]
            following = next(names)
        if word.search(line):
            yield Reference(view.root, block.record.path, number, line.strip(), around, number in defining)
