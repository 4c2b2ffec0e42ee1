"""Guess which tests belong to a piece of code, and which code to a test, with the evidence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from codekin.domain.ports import Vectors
from codekin.domain.values import Node, NodeKind
from codekin.domain.words import IDENTIFIER, words
from codekin.searching.ranking.retrieval import vectors_of
from codekin.searching.snapshot.snapshot import KINDS, Ints, Snapshot
from codekin.searching.snapshot.snippets import MAX_CHARACTERS, text_between
from codekin.storage import terms_of

_CODE, _TEST = KINDS.index(NodeKind.CODE), KINDS.index(NodeKind.TEST)
_AFFIXES = re.compile(r"^(?:test|tests|spec)_|(?:_|\.|-)(?:test|tests|spec|unittest)$|(?<=[a-z])(?:Tests?|Spec)$")
_MOST_NAMES, _MOST_MENTIONS, _LEAST_NAME = 12, 60, 3
_ENOUGH = 0.45
"""Minimum strength of a guess that is shown. One file name suffices, one common word does not."""
_WEB = frozenset(("javascript", "typescript", "tsx", "vue", "svelte"))
_LEAST_TOGETHER = 2
_MOST_CHANGED = 100
"""Maximum number of files that a commit may change to be evidence about one of them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A node of `view`, how certain the guess is (0 to 1), and the evidence in words."""

    node: int
    strength: float
    reason: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The piece of code or test that links start from: its `nodes`, and their mean `vector`."""

    view: Snapshot
    file: int
    nodes: Ints
    vector: Vectors | None
    start_line: int
    end_line: int

    @property
    def path(self) -> str:
        """The path of the file, relative to the root."""
        return self.view.blocks[self.file].record.path

    @property
    def is_test(self) -> bool:
        """Whether all covered nodes are tests."""
        return bool(np.all(self.view.node_kind[self.nodes] == _TEST))


def counterparts(origin: Origin, history: Snapshot | None, most: int) -> list[Link]:
    """Return the likeliest tests of a piece of code, or the code of a test, the most certain first.

    At most one node of each file.
    """
    mentions = _named_in(origin) if origin.is_test else _mentioning(origin)
    alike = _named_alike(origin)
    together = _changed_together(origin, history)
    wanted = _CODE if origin.is_test else _TEST
    links: list[Link] = []
    for file in {int(origin.view.node_file[node]) for node in mentions} | alike | together.keys():
        nodes = _nodes_of(origin.view, file, wanted)
        if file == origin.file or not len(nodes) or not _may_use(origin, file):
            continue
        links.append(_link(origin, nodes, mentions, is_alike=file in alike, share=together.get(file, (0, 0))))
    links.sort(key=lambda link: (-link.strength, link.node))
    return [link for link in links if link.strength >= _ENOUGH][:most]


def _may_use(origin: Origin, file: int) -> bool:
    """Return whether the languages match: tests are written in the language of what they test."""
    one, other = (origin.view.blocks[at].record.language for at in (origin.file, file))
    return one == other or {one, other} <= _WEB


def commits_of(history: Snapshot, path: str) -> list[tuple[int, str]]:
    """Return (node, relation) of the latest and the earliest indexed commit that changed a file."""
    records = [at for at in history.records_touching.get(path, ()) if _is_commit(history, at)]
    if not records:
        return []
    records.sort(key=lambda at: (history.blocks[at].record.date, at))
    last = (int(history.first_node[records[-1]]), "last changed in")
    return [last, (int(history.first_node[records[0]]), "added in")] if len(records) > 1 else [last]


def _link(origin: Origin, nodes: Ints, mentions: dict[int, str], *, is_alike: bool, share: tuple[int, int]) -> Link:
    likeness = (
        np.zeros(len(nodes)) if origin.vector is None else np.vecdot(vectors_of(origin.view, nodes), origin.vector)
    )
    named = np.array([mentions.get(node, "") != "" for node in nodes.tolist()])
    best = int(np.argmax(likeness + named))
    name, cosine = mentions.get(int(nodes[best]), ""), float(likeness[best])
    evidence = [
        (0.5 * _rarity(name), f"names {name}" if name else ""),
        (0.5 if is_alike else 0.0, "files named alike" if is_alike else ""),
        (
            0.5 * share[0] / share[1] if share[1] else 0.0,
            f"changed together in {share[0]} of {share[1]} commits" if share[1] else "",
        ),
        (max(0.0, cosine - 0.3) * 0.8, f"similar ({cosine:.2f})" if cosine > 0.3 else ""),  # noqa: PLR2004 - unlike below
    ]
    strength = 1.0 - math.prod(1.0 - weight for weight, _ in evidence)
    return Link(int(nodes[best]), strength, ", ".join(words for _, words in evidence if words))


def _rarity(name: str) -> float:
    """Rate a name, 0 to 1: a name of several words is hardly repeated by chance."""
    return 0.0 if not name else 1.0 if len(words(name)) > 1 else 0.5


def _nodes_of(view: Snapshot, file: int, kind: int) -> Ints:
    nodes = np.arange(view.first_node[file], view.first_node[file + 1], dtype=np.int32)
    chosen: Ints = nodes[view.node_kind[nodes] == kind]
    return chosen


def _defined(origin: Origin) -> Iterable[str]:
    """Return the names defined in the origin's lines, or else the definitions that enclose them."""
    nodes = [origin.view.node(node) for node in origin.nodes.tolist()]
    inside = [
        item.name for node in nodes for item in node.definitions if origin.start_line <= item.line < origin.end_line
    ]
    return dict.fromkeys(inside or [name for node in nodes if (name := _enclosing(node, origin.start_line))])


def _enclosing(node: Node, line: int) -> str:
    above = [item.name for item in node.definitions if item.line <= line]
    return above[-1] if above else node.symbol.rpartition(".")[2]


def _mentioning(origin: Origin) -> dict[int, str]:
    """Return test nodes that name a definition of the origin, with the name."""
    view, found = origin.view, dict[int, str]()
    tests = np.flatnonzero(view.node_kind == _TEST)
    if not len(tests):
        return found
    allowed = view.keys[np.unique(view.node_key[tests])]
    for name in list(_defined(origin))[:_MOST_NAMES]:
        terms = terms_of(name)
        if len(name) < _LEAST_NAME or not terms:
            continue
        # If the name has several words, the last term is the name as a whole.
        hits = view.backing.lexical.search(terms[-1:], _MOST_MENTIONS, allowed)
        for node in view.locate(hits.keys)[0].tolist():
            if view.node_kind[node] == _TEST and _rarity(name) > _rarity(found.get(node, "")):
                found[node] = name
    return found


def _named_in(origin: Origin) -> dict[int, str]:
    """Return nodes of code that define a name that the test mentions, with the name."""
    view, block = origin.view, origin.view.blocks[origin.file]
    text = text_between(view, block, origin.start_line, origin.end_line)[:MAX_CHARACTERS]
    found: dict[int, str] = {}
    for name in dict.fromkeys(IDENTIFIER.findall(text)):
        for file in view.definitions.defining(name) if len(name) >= _LEAST_NAME else ():
            for node in _nodes_of(view, file, _CODE).tolist():
                defines = any(item.name == name for item in view.node(node).definitions)
                if defines and _rarity(name) > _rarity(found.get(node, "")):
                    found[node] = name
    return found


def _named_alike(origin: Origin) -> set[int]:
    own = _stem(origin.path)
    return {number for number, block in enumerate(origin.view.blocks) if _stem(block.record.path) == own}


def _stem(path: str) -> str:
    """Return the file's name without test affixes: "retry" for tests/test_retry.py."""
    return _AFFIXES.sub("", path.rpartition("/")[2].partition(".")[0]).lower() if "." in path else path


def _changed_together(origin: Origin, history: Snapshot | None) -> dict[int, tuple[int, int]]:
    """Return files with (number of commits that changed both, number that changed this one)."""
    commits = [at for at in history.records_touching.get(origin.path, ()) if _is_commit(history, at)] if history else []
    counts: dict[int, int] = {}
    for at in commits:
        for path in history.blocks[at].record.touched if history else ():
            file = origin.view.file_of_path.get(path)
            if file is not None:
                counts[file] = counts.get(file, 0) + 1
    return {file: (count, len(commits)) for file, count in counts.items() if count >= _LEAST_TOGETHER}


def _is_commit(view: Snapshot, record: int) -> bool:
    """Return whether a record is a commit that counts as evidence.

    Merges do not, because their changes are those of their commits; nor do commits that changed too
    many files.
    """
    block = view.blocks[record]
    return (
        len(block.nodes) > 0
        and block.record.nodes[0].kind is NodeKind.COMMIT
        and len(block.record.touched) <= _MOST_CHANGED
    )
