"""Texts that make a parser slow or deep stay within the limit and lose no line."""

from __future__ import annotations

import random
import re

import pytest

from codekin.chunking import redacted_chunks
from codekin.domain.values import Skipped
from codekin.indexing import Prepared, prepare_buffer
from support.places import SAMPLE
from support.processor import bounded

SLOW = {
    "slow.hs": "let a =\n" * 60_000,
    "slow.py": '"' * 200_000,
    "deep.py": "(" * 200_000,
    "deep.js": "{" * 200_000,
    "deep.rs": "[" * 200_000,
    "odd.rb": "%q(" * 60_000,
    "many.ts": "".join(f"export const f{number} = (a: number) => a;\n" for number in range(12_000)),
}


def covered(chunks, text):
    """Return whether every line that is not blank is in a chunk."""
    lines = text.split("\n")
    inside = set()
    for chunk in chunks:
        inside.update(range(chunk.start_line, chunk.end_line))
    return all(number in inside for number, line in enumerate(lines) if line.strip())


@pytest.mark.parametrize("name", SLOW)
def test_a_text_that_is_slow_to_parse_stays_within_the_limit(name):
    with bounded():  # without the limit it takes minutes
        prepared = prepare_buffer(name, SLOW[name])
    if isinstance(prepared, Skipped):
        assert re.fullmatch(
            "quarantined: (the parser crashed its process .*|chunking took more than 10 s)", prepared.reason
        )
    else:
        assert prepared.trouble in {"", "parsing took more than 2 s"}
        assert covered(prepared.chunks[1:], SLOW[name])


def test_a_buffer_above_the_maximum_file_size_is_refused_like_a_file():
    refused = prepare_buffer("big.py", "x = 1\n" * 200_000, 1_000_000)
    assert isinstance(refused, Skipped)
    assert refused.reason == "larger than 1 MB"
    assert isinstance(prepare_buffer("small.py", "x = 1\n" * 2_000, 1_000_000), Prepared)


def test_mutated_sources_raise_nothing_and_lose_no_line():
    draw = random.Random(7)
    sources = [path for path in sorted(SAMPLE.rglob("*.*")) if path.is_file() and path.suffix not in {".png", ".bin"}]
    texts = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in sources}
    names = list(texts)
    for _ in range(400):
        name = draw.choice(names)
        text, other = texts[name], texts[draw.choice(names)]
        at = draw.randrange(len(text) + 1)
        mutated = draw.choice(
            (text[:at], text[:at] + other, text[:at] + draw.choice("\0(){}[]\"'`\\\t\r") * 9 + text[at:])
        )
        made = redacted_chunks(name, mutated.replace("\r\n", "\n").replace("\r", "\n"))
        for first, second in zip(made.chunks, made.chunks[1:], strict=False):
            assert first.start_line <= second.start_line
