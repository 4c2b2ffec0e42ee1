"""Merge files with commits and folders: code comes first unless the query asks for others."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from codekin.domain.commits import sha_of
from codekin.domain.values import NodeKind
from codekin.domain.words import words
from codekin.searching.query.intent import Intent, Question
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.snapshot.snapshot import KINDS, Snapshot

# Fitted by hand on benchmarks/history_questions.json. Scores of both lists have a similar range.
_NOT_ASKED = -2.0
_FIRST_PLACES = 3
"""Places reserved for code unless the query is about something else."""
_ASKED = 1.8
_LESS = 1e-6
_SHARE = 5
"""At most one result in five is of a kind that the query is not about."""
_VERY_KIND = 0.7
_BY_AUTHOR = 2.0
_NAMED = 10.0
_HISTORY = frozenset((NodeKind.COMMIT, NodeKind.PULL_REQUEST))
_NUMBER = re.compile(
    r"^(?:PR|pull request|merge request|commit)?\s*[#!](\d{1,7})$|^(?:PR|pull request)\s+(\d{1,7})$", re.IGNORECASE
)
_SHA = re.compile(r"^(?:commit[ :]?)?((?=\w*\d)[0-9a-f]{7,64})$", re.IGNORECASE)


def lowest_useful_score(files: Sequence[Ranked], query: Question, limit: int) -> float:
    """Return the score that commits and folders must exceed to be among the results.

    If the query is about code and finds enough, it is so high that they need not be ranked.
    """
    if query.intent is not Intent.CODE or len(files) < limit or not files:
        return -math.inf
    return files[limit - 1].score - _NOT_ASKED - _LESS


def mixed(files: Sequence[Ranked], of_records: Sequence[Ranked], query: Question, limit: int) -> list[Ranked]:
    """Merge both lists, best first, at most `limit`.

    Results of a kind that the query is not about are lowered; `parts` shows by how much.
    """
    if not of_records:
        return list(files[:limit])
    ceiling = files[_FIRST_PLACES - 1].score - _LESS if len(files) >= _FIRST_PLACES else math.inf
    weighed = sorted((_weighed(item, query, ceiling) for item in of_records), key=lambda item: -item.score)
    kept = _each_once(weighed, query.intent)
    if files:
        others = [item for item in kept if not _is_asked(_kind(item), query.intent)][: max(1, limit // _SHARE)]
        kept = [item for item in kept if _is_asked(_kind(item), query.intent)] + others
    return sorted((*files, *kept), key=lambda item: -item.score)[:limit]


def identified(views: Iterable[Snapshot], text: str, kinds: Sequence[str]) -> list[Ranked]:
    """Return the commits that the query names by hash or number, newest first."""
    found = [
        (block.record.date, Ranked(view, int(view.first_node[at]) + offset, _NAMED, {"named": _NAMED}))
        for view in views
        if view.of_records
        for at in named(view, text)
        for block in (view.blocks[at],)
        for offset, node in enumerate(block.record.nodes[:1])
        if not kinds or node.kind.value in kinds
    ]
    return [item for _, item in sorted(found, key=lambda pair: -pair[0])]


def _weighed(item: Ranked, query: Question, ceiling: float) -> Ranked:
    kind = _kind(item)
    if _is_asked(kind, query.intent):
        score = item.score + _ASKED
        if query.intent is Intent.PULL_REQUEST and kind is NodeKind.PULL_REQUEST:
            score += _VERY_KIND
    else:
        score = min(item.score + _NOT_ASKED, ceiling)
    extra = {"kind": score - item.score}
    author = item.view.blocks[int(item.view.node_file[item.node])].record.author
    if query.authors and query.authors & set(words(author)):
        extra["author"] = _BY_AUTHOR
        score += _BY_AUTHOR
    return replace(item, score=score, parts={**item.parts, **extra})


def _each_once(found: Sequence[Ranked], intent: Intent) -> list[Ranked]:
    """Merge a pull request with the commit of the same title.

    The kind that the query is about remains, at the better of both places.
    """
    kept: dict[object, Ranked] = {}
    for item in found:
        kind = _kind(item)
        title = tuple(words(item.view.node(item.node).symbol)) if kind in _HISTORY else (item.view.root, item.node)
        known = kept.get(title)
        if known is None:
            kept[title] = item
        elif _kind(known) is kind:
            kept[title, len(kept)] = item
        elif kind.value == intent.value:
            kept[title] = replace(item, score=known.score, parts=known.parts)
    return list(kept.values())


def _kind(item: Ranked) -> NodeKind:
    return KINDS[int(item.view.node_kind[item.node])]


def _is_asked(kind: NodeKind, intent: Intent) -> bool:
    """Return whether a result is of the kind that the query is about.

    A commit may answer a question about a pull request, and the other way round.
    """
    if intent is Intent.DIRECTORY:
        return kind is NodeKind.DIRECTORY
    return intent in (Intent.COMMIT, Intent.PULL_REQUEST) and kind in _HISTORY


def named(view: Snapshot, text: str) -> list[int]:
    """Return the positions of commits whose hash (from 7 digits on) or number the query is."""
    if found := _SHA.match(text):
        prefix = found.group(1).lower()
        return [at for at, block in enumerate(view.blocks) if sha_of(block.record.path).startswith(prefix)]
    if found := _NUMBER.match(text):
        number = f"#{found.group(1) or found.group(2)}"
        return [
            at for at, block in enumerate(view.blocks) if any(node.symbol_kind == number for node in block.record.nodes)
        ]
    return []
