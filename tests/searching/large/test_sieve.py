"""The sieve of exact search keeps every text that matches, and excludes most others."""

from __future__ import annotations

import random

import numpy as np
import pytest
import regex

from codekin.domain.search import SearchRequest
from codekin.engine.passes import trigram_fill
from codekin.searching import grep
from codekin.searching.sieve import EVERYTHING, condition_of_literal, condition_of_regex
from codekin.storage.trigrams.index import TrigramIndex
from support.engines import open_engine

WORDS = (
    "mutex",
    "lock",
    "Foo",
    "bar_baz",
    "x",
    "\n",
    " ",
    "(",
    "é",
    "\N{LATIN SMALL LETTER LONG S}top",
    "\N{KELVIN SIGN}ey",
    "İ",
    "ΑΣ",
    "\r\n",
    "7",
)
ATOMS = (
    "mutex", "lo", "ck", "[lk]ock", "[a-c]ar", "[^x]", ".", "foo|bar", "(?:foo|mutex)_", "(lock)+", "(?:ab){2}", "b?a",
    "stop", "key", r"\w+", r"\d", "^", "$", r"\b", "(?=lock)l", "(?!x)", "(?i:FOO)", "x{2,3}", "a{,2}", "é", r"\(", "_baz",
    "(?>lo)ck", r"\p{L}", "[[:alpha:]]o", "(?i)é", "(?P<n>lo)(?P=n)", "s", "İ",
)  # fmt: skip


def masks(tmp_path, texts, condition):
    index = TrigramIndex.open(tmp_path / str(len(list(tmp_path.iterdir()))), writable=True)
    keys = np.arange(len(texts), dtype=np.int64)
    index.add(keys, texts)
    return index.view().possible(keys, condition)


def texts_of(rng, count):
    return ["".join(rng.choice(WORDS) for _ in range(rng.randrange(12))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(40))
def test_no_text_that_matches_is_excluded(tmp_path, seed):
    rng = random.Random(seed)
    texts = texts_of(rng, 60)
    for _ in range(8):
        pattern = "".join(rng.choice(ATOMS) for _ in range(rng.randrange(1, 4)))
        flags = regex.IGNORECASE if pattern == pattern.lower() else 0
        try:
            compiled = regex.compile(pattern, flags | regex.MULTILINE)
        except regex.error:
            continue
        possible = masks(tmp_path, texts, condition_of_regex(pattern))
        for text, may in zip(texts, possible.tolist(), strict=True):
            assert may or not compiled.search(text.replace("\r\n", "\n")), (pattern, text)


@pytest.mark.parametrize("seed", range(20))
def test_no_text_that_contains_a_literal_is_excluded(tmp_path, seed):
    rng = random.Random(seed)
    texts = texts_of(rng, 60)
    wanted = "".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 4)))
    possible = masks(tmp_path, texts, condition_of_literal(wanted))
    for text, may in zip(texts, possible.tolist(), strict=True):
        assert may or (wanted not in text and wanted.lower() not in text.lower())


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("mutex_lock", ["mutex_lock(a)", "MUTEX_LOCKED"]),
        (r"spin_(un)?lock\(", ["spin_lock(a)", "spin_unlock(b)"]),
        ("(?:read|write)_once", ["read_once", "write_once"]),
        ("foo.*bar", ["foo and bar"]),
        ("(abc)+def", ["abcabcdef"]),
        (r"struct \w+ \{", ["struct page {"]),
        ("[ab]cd", ["acd", "bcd"]),
    ],
)
def test_most_others_are_excluded(tmp_path, pattern, kept):
    others = ["spin_lok(", "mutex lock", "foo", "bar", "abde", "struck", "cd ab", "read_twice", "def abc"]
    condition = condition_of_regex(pattern)
    assert masks(tmp_path, kept, condition).all()
    assert not masks(tmp_path, others, condition).any()


@pytest.mark.parametrize(
    "pattern", ["ab", ".*", "a?b?c?", "[[:alpha:]]bc", r"\p{Lu}bcd", "(?x)a b c", "(?:abcd){e<=1}", "("]
)
def test_what_cannot_be_said_excludes_nothing(pattern):
    assert condition_of_regex(pattern) == EVERYTHING


async def test_answers_are_those_without_the_sieve(sample, monkeypatch):
    monkeypatch.setattr(trigram_fill, "LEAST_FILES", 1)
    monkeypatch.setattr(grep, "_LEAST_SIEVED", 10**9)
    requests = [
        *(SearchRequest(text, 100, "literal") for text in ("retry", "Retry", "def ", "zzz", "a\nb", "call_with_retry")),
        *(SearchRequest(text, 100, "regex") for text in (r"def \w+_retry", "class [SP]", "retry|token", r"\d{3}")),
    ]

    async def answers(engine):
        return [(await engine.search(request)).results for request in requests]

    async with open_engine(sample) as engine:
        await engine.index()
        parts = engine._roots.get(sample).index.parts
        assert len(parts.trigrams) > 10
        expected = await answers(engine)
        monkeypatch.setattr(grep, "_LEAST_SIEVED", 1)
        assert await answers(engine) == expected
        assert any(expected)
        # A text that is typed and not saved is searched as it is.
        file = sample / "api/parcelpost/carriers.py"
        await engine.update_buffer(file, "def a_quokka_that_was_typed(): pass\n")
        assert len((await engine.search(SearchRequest("a_quokka_that", 9, "literal"))).results) == 1
        await engine.close_buffer(file)
        # Trigrams that are lost are filled again, and meanwhile everything is read.
        parts.trigrams.empty()
        engine._roots.get(sample).index.state.invalidate()
        assert await answers(engine) == expected
        await engine.index()
        assert len(parts.trigrams) > 10
        assert await answers(engine) == expected


async def test_secrets_are_found_and_not_stored(sample, monkeypatch):
    monkeypatch.setattr(trigram_fill, "LEAST_FILES", 1)
    monkeypatch.setattr(grep, "_LEAST_SIEVED", 1)
    secret = "ghp_" + "Zq8Xw3Lm5Rt7Yv2Kp9Nd4Hs6Jf1Gb0Tc8Ae2"[:36]
    (sample / "deploy.py").write_text(f'# deploys\ntoken = "{secret}"\n')
    async with open_engine(sample) as engine:
        await engine.index()
        found = (await engine.search(SearchRequest("deploys", 9, "literal"))).results
        assert "deploy.py" in [item.path for item in found]
        view = engine._roots.get(sample).index.parts.trigrams.view()
        assert not any(len(part.rows(int.from_bytes(b"zq8", "big"))) for part in view.parts)
