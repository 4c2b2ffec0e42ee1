"""Queries made from a workspace's own doc comments and names, and a copy of it from which they are blanked out."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codekin.chunking import DocComment, doc_comments, split_lines
from codekin.config import Config
from codekin.domain.values import Skipped
from codekin.domain.words import split_identifier, words
from codekin.files import Rules, read_source, scan

_FEWEST_WORDS, _MOST_WORDS = 4, 30
_SENTENCE = re.compile(r"(?<=[.!?])\s|\n\s*\n|\n\s*(?=[@:\\]|\w+:\s)")
_MARKUP = re.compile(r"</?\w[^>]*>|\{@\w+\s+([^}]*)\}|[`*_]{1,3}|\[([^\]]*)\]\([^)]*\)")
_NO_QUERY = re.compile(r"copyright|licen[cs]e|todo|fixme|eslint|noqa|type:\s*ignore|@param|http", re.IGNORECASE)
_NAMED = frozenset(("function", "method", "class", "interface", "struct", "type", "enum", "macro"))
_STAND_IN = "x"
_MOST_OF_A_FILE = 3


@dataclass(frozen=True, slots=True)
class SyntheticQuery:
    """What is asked, and the file and line (0-based) of the definition that it was made from."""

    kind: Literal["doc", "name"]
    text: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class _Held:
    query: SyntheticQuery
    comment: DocComment | None
    name: str


def hold_out(root: Path, config: Config, copy: Path, *, most: int, seed: int) -> list[SyntheticQuery]:
    """Writes what would be indexed of `root` below `copy`, as UTF-8 and on the same lines, without the comments and names
    that the returned queries were made from. At most `most` queries, half of each kind, at most three of each from a file.
    """
    rules = Rules(root, include=config.include, exclude=config.exclude, max_file_bytes=config.max_file_bytes)
    paths = sorted(item.path for item in scan(root, rules, lambda: False) if not isinstance(item, Skipped))
    draw = random.Random(seed)  # noqa: S311 - a sample, not a secret
    draw.shuffle(paths)
    wanted = {"doc": (most + 1) // 2, "name": most // 2}
    queries: list[SyntheticQuery] = []
    for path in paths:
        source = read_source(root, path, config.max_file_bytes)
        if isinstance(source, Skipped):
            continue
        held: list[_Held] = []
        for item in _candidates(path, source.text, draw):
            if wanted[item.query.kind] > 0:
                wanted[item.query.kind] -= 1
                held.append(item)
        queries.extend(item.query for item in held)
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_blanked(source.text, held).encode("utf-8", "surrogatepass"))
    return queries


def _candidates(path: str, text: str, draw: random.Random) -> Iterator[_Held]:
    comments, found = doc_comments(path, text)
    documented = [(comment, said) for comment in comments if (said := first_sentence(comment.text, comment.name))]
    for comment, said in draw.sample(documented, min(len(documented), _MOST_OF_A_FILE)):
        yield _Held(SyntheticQuery("doc", said, path, comment.line), comment, comment.name)
    named = [item for item in found if item.kind in _NAMED and len(split_identifier(item.name)) > 1]
    for item in draw.sample(named, min(len(named), _MOST_OF_A_FILE)):
        query = SyntheticQuery("name", " ".join(split_identifier(item.name)), path, item.line)
        yield _Held(query, None, item.name)


def first_sentence(comment: str, name: str) -> str:
    """What a doc comment says first, as one line without markup; "" when that is no description of 4 to 30 words."""
    plain = _MARKUP.sub(lambda match: match.group(1) or match.group(2) or "", comment)
    said = " ".join(_SENTENCE.split(plain.strip(), maxsplit=1)[0].split())
    # Go and others begin with the name that is described, which would give the answer away.
    said = re.sub(rf"^{re.escape(name)}\b[\s:-]*", "", said)
    count = len(words(said))
    letters = sum(character.isalpha() or character.isspace() for character in said)
    if not _FEWEST_WORDS <= count <= _MOST_WORDS or letters < 0.8 * len(said) or _NO_QUERY.search(said):
        return ""
    return said


def _blanked(text: str, held: list[_Held]) -> str:
    lines = split_lines(text)
    for item in held:
        if item.comment is not None:
            for number in range(item.comment.start_line, min(item.comment.end_line, len(lines))):
                lines[number] = "\n"
    blanked = "".join(lines)
    for item in held:
        if item.comment is None:
            blanked = re.sub(rf"\b{re.escape(item.name)}\b", _STAND_IN, blanked)
    return blanked
