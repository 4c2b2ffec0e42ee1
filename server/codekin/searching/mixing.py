"""Files and what is no file in one list: code comes first, unless the query asks for commits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from codekin.domain.commits import sha_of
from codekin.searching.query import Query, QueryKind
from codekin.searching.ranking import Ranked

# A single word does not tell: code commits transactions, pulls images and merges settings.
_ASKS_FOR_COMMITS = re.compile(
    r"""
    \b(?:which|what|last|latest|recent|first|list|find|show)\s(?:\w+\s){0,2}(?:commits?|pull\srequests?|prs?)\b
    | \b(?:commits?|pull\srequests?|prs?)\s(?:that|which|where|when|by|about|introducing|adding|removing|fixing|changing)\b
    | \b(?:who|when\s(?:was|were|did|has|have))\s(?:\w+\s){0,8}?
      (?:add|change|fix|introduce|merge|move|rename|remove|revert|replace|write|wrote|written|broke|broken)(?:d|ed)?\b
    | \bwhy\s(?:was|were)\s(?:\w+\s){0,8}?(?:added|changed|fixed|introduced|merged|moved|renamed|removed|reverted|replaced)\b
    | \b(?:git|commit|change)\s(?:history|log)\b
    """,
    re.VERBOSE,
)


def asks_for_commits(query: Query) -> bool:
    """Whether the query is a question about changes, not about code."""
    prose = query.kind in (QueryKind.PROSE, QueryKind.MIXED)
    return prose and bool(_ASKS_FOR_COMMITS.search(" ".join(query.words)))


def mixed(files: Sequence[Ranked], aside: Sequence[Ranked], query: Query) -> list[Ranked]:
    """Best first; scores never grow."""
    if not asks_for_commits(query):
        return _in_turn(files, aside)
    commits = [item for item in aside if _is_commit(item)]
    return _in_turn(commits, files, [item for item in aside if not _is_commit(item)])


def _in_turn(*groups: Sequence[Ranked]) -> list[Ranked]:
    """Scores of two groups do not compare: those of a later one are lowered where they are above an earlier one's."""
    result: list[Ranked] = []
    for group in groups:
        ceiling = result[-1].score if result else float("inf")
        result.extend(item if item.score <= ceiling else _lowered(item, ceiling) for item in group)
    return result


def _lowered(item: Ranked, score: float) -> Ranked:
    return replace(item, score=score, parts={**item.parts, "order": score - item.score})


def _is_commit(item: Ranked) -> bool:
    return bool(sha_of(item.view.blocks[int(item.view.node_file[item.node])].record.path))
