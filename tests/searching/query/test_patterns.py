"""Patterns from untrusted clients: exploding expressions, any literal, any line ends."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

import pytest

from codekin.domain.search import SearchRequest
from codekin.errors import SettingsError
from codekin.searching.patterns import compile_regex, expanded_size
from support.engines import engine_opener, open_indexed
from support.processor import bounded

EXPLODING = (
    "(?:ab|cd){1000000}",
    "(?:ab|cd){200000}",
    "(?:(?:ab|cd){1000}){1000}",
    "((((a{100}){100}){100}){100})",
    "a{1,99999}{2,3}",
    "[a-z]{0,50000}",
    "(" * 20_000,
    "(?=" * 3_000,
    "(" * 200 + ")" * 200,
    "|".join(["abc"] * 4_000),
    "a{99999999999999999999}",
    r"[\](?:ab|cd){1000000}",
    r"[^\](?:ab|cd){1000000}",
    "[^](](?:ab|cd){1000000}",
    "(?#[)(?:ab|cd){1000000}",
    "(?x)#[\n(?:ab|cd){1000000}",
    "(?x)(?:ab|cd){ 1000000 }",
    "(?ix:(?:ab|cd){ 1000000 })",
    "(?V1)[a[b](?:ab|cd){1000000}]{100}",
)


@pytest.fixture
async def folder(tmp_path):
    """Opens an engine on files of the given texts."""
    async with engine_opener(open_indexed, history=False) as opened:

        async def make(**files):
            root = tmp_path / "ws"
            root.mkdir()
            for name, text in files.items():
                (root / f"{name}.txt").write_bytes(text.encode())
            return await opened(root)

        yield make


async def lines(engine, query, mode):
    answer = await engine.search(SearchRequest(query, 1000, mode))
    return [(item.path, item.start_line, item.end_line) for item in answer.results]


@pytest.mark.parametrize("pattern", EXPLODING)
def test_a_pattern_that_would_crash_the_process_is_refused(pattern):
    with pytest.raises(SettingsError, match="regular expression"):
        compile_regex(pattern, ignore_case=True)


@pytest.mark.parametrize(
    "pattern", [r"def \w+\(", "a{2,30}", r"[]a-z]{3}", r"\{1000000\}", "(a|b){10}(c{10}){10}", "x{,5}", "{"]
)
def test_an_ordinary_pattern_is_compiled(pattern):
    compile_regex(pattern, ignore_case=False)
    assert expanded_size(pattern) <= 200


async def test_a_pattern_that_never_ends_is_refused_and_holds_up_no_other_search(folder):
    engine = await folder(**{f"f{number}": ("a" * 28 + "\n") * 2_000 for number in range(60)})
    began = time.monotonic()
    slow = [asyncio.create_task(lines(engine, r"(a+)+b", "regex")) for _ in range(2)]
    await asyncio.sleep(0)
    assert await engine.search(SearchRequest("aaa"))
    for task in slow:
        with pytest.raises(SettingsError, match="takes more than"):
            await task
    assert time.monotonic() - began < 30  # without a bound: 200 files of a second each, twice


@pytest.mark.parametrize("length", [1, 1_000, 4_900, 20_000])
async def test_a_literal_of_one_repeated_letter_takes_no_longer_than_the_text(folder, length):
    engine = await folder(a=("nothing to see\n" * 30 + "-" * 4_900 + "\n") * 10, b="nothing\n")
    with bounded():  # cubic time would take minutes
        found = await lines(engine, "-" * length, "literal")
    assert len(found) == (10 if length <= 4_900 else 0)


async def test_a_literal_that_is_too_long_is_refused_with_its_limit(folder):
    engine = await folder(a="x\n")
    with pytest.raises(SettingsError, match="20,000"):
        await lines(engine, "x" * 20_001, "literal")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_line_ends_are_those_of_editors(folder, end):
    engine = await folder(a=end.join(["int a;", "int total(int n)", "", "int b;"]) + end)
    assert await lines(engine, "int a;$", "regex") == [("a.txt", 0, 1)]
    assert await lines(engine, "^int b", "regex") == [("a.txt", 3, 4)]
    for two in ("int a;\nint total", "int a;\r\nint total", "int a;\rint total"):
        assert await lines(engine, two, "literal") == [("a.txt", 0, 2)]
    assert await lines(engine, r"a;\nint t", "regex") == [("a.txt", 0, 2)]


async def test_literals_are_found_as_plain_search_finds_them(folder):
    draw = random.Random(5)
    alphabet = ["a", "B", "ß", "İ", "K", "é", " ", ".", "*", "\n", "\r\n", "\r", "\x0c", "\u2028"]
    texts = {f"t{number:02}": "".join(draw.choices(alphabet, k=60)) + "end\n" for number in range(20)}
    engine = await folder(**texts)
    for _ in range(60):
        wanted = "".join(draw.choices(alphabet, k=draw.randrange(1, 4))).replace("\r\n", "\n").replace("\r", "\n")
        if not wanted.strip():
            continue
        expected = [
            (f"{name}.txt", number)
            for name, text in texts.items()
            for number in starting_lines(text.replace("\r\n", "\n").replace("\r", "\n"), wanted)
        ]
        assert [item[:2] for item in await lines(engine, wanted, "literal")] == expected, repr(wanted)


def starting_lines(text, wanted):
    """Return the lines in which non-overlapping matches begin, each once."""
    searched = text.lower() if wanted == wanted.lower() else text
    found, at = [], searched.find(wanted)
    while at >= 0:
        line = searched.count("\n", 0, at)
        if line not in found:
            found.append(line)
        at = searched.find(wanted, at + len(wanted))
    return found


@pytest.mark.parametrize("piece", ["retry ", "x", "\n", "(", "é", "if (a < b) { return "])
async def test_a_query_that_is_too_long_is_cut_and_reported(folder, piece):
    engine = await folder(a="def retry():\n    return 1\n")
    answer = await engine.search(SearchRequest((piece * 1_000_000)[:1_000_000]))
    assert "1,000,000 characters. Only the first 20,000" in answer.reasons[0]


@pytest.mark.parametrize("piece", ["kind: ", "path:/a/b ", "lang:go "])
async def test_a_filter_in_a_query_that_is_too_long_is_refused_or_applied(folder, piece):
    engine = await folder(a="def retry():\n    return 1\n")
    with contextlib.suppress(SettingsError):
        await engine.search(SearchRequest((piece * 1_000_000)[:1_000_000]))
