"""Make queries from a workspace's doc comments and names, and a copy of it without them."""

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
    """A query, with the file and line (0-based) of the definition that it was made from."""

    kind: Literal["doc", "name"]
    text: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class _HeldOut:
    query: SyntheticQuery
    comment: DocComment | None
    name: str


def hold_out(root: Path, config: Config, copy: Path, *, most: int, seed: int) -> list[SyntheticQuery]:
    """Write what would be indexed of `root` below `copy`, and return queries about it.

    Files are written as UTF-8 with the same lines, but without the comments and names that the
    queries were made from. At most `most` queries, half of each kind, at most three of each kind
    per file.
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
        chosen: list[_HeldOut] = []
        for item in _candidates(path, source.text, draw):
            if wanted[item.query.kind] > 0:
                wanted[item.query.kind] -= 1
                chosen.append(item)
        queries.extend(item.query for item in chosen)
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_blanked(source.text, chosen).encode("utf-8", "surrogatepass"))
    return queries


def _candidates(path: str, text: str, draw: random.Random) -> Iterator[_HeldOut]:
    comments, found = doc_comments(path, text)
    documented = [
        (comment, sentence) for comment in comments if (sentence := first_sentence(comment.text, comment.name))
    ]
    for comment, sentence in draw.sample(documented, min(len(documented), _MOST_OF_A_FILE)):
        yield _HeldOut(SyntheticQuery("doc", sentence, path, comment.line), comment, comment.name)
    named = [item for item in found if item.kind in _NAMED and len(split_identifier(item.name)) > 1]
    for item in draw.sample(named, min(len(named), _MOST_OF_A_FILE)):
        query = SyntheticQuery("name", " ".join(split_identifier(item.name)), path, item.line)
        yield _HeldOut(query, None, item.name)


def first_sentence(comment: str, name: str) -> str:
    """Return the first sentence of a doc comment as one line without markup.

    It is "" unless it is a description of 4 to 30 words.
    """
    plain = _MARKUP.sub(lambda match: match.group(1) or match.group(2) or "", comment)
    sentence = " ".join(_SENTENCE.split(plain.strip(), maxsplit=1)[0].split())
    # Comments in Go and others begin with the name of the definition, which reveals the answer.
    sentence = re.sub(rf"^{re.escape(name)}\b[\s:-]*", "", sentence)
    count = len(words(sentence))
    letters = sum(character.isalpha() or character.isspace() for character in sentence)
    if not _FEWEST_WORDS <= count <= _MOST_WORDS or letters < 0.8 * len(sentence) or _NO_QUERY.search(sentence):
        return ""
    return sentence


def _blanked(text: str, chosen: list[_HeldOut]) -> str:
    lines = split_lines(text)
    for item in chosen:
        if item.comment is not None:
            for number in range(item.comment.start_line, min(item.comment.end_line, len(lines))):
                lines[number] = "\n"
    blanked = "".join(lines)
    for item in chosen:
        if item.comment is None:
            blanked = re.sub(rf"\b{re.escape(item.name)}\b", _STAND_IN, blanked)
    return blanked
