"""Packing: never over the budget, best first, without gaps, whatever the places are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from codekin.answers.excerpts import Run, Sought, excerpt
from codekin.answers.packing import Place, pack
from codekin.answers.tokens import count_tokens

MORE = '{count:,} more: pass cursor "{offset}"'
texts = st.text(max_size=120)


def made(number, lines=(), **facts):
    return Place(
        f"src/file_{number}.py", 10, 40, f"name_{number}", quote=lambda n: (Run(10, tuple(lines[:n])),), **facts
    )


@given(
    header=st.text(max_size=60),
    places=st.lists(st.tuples(texts, st.lists(texts, max_size=30), st.lists(texts, max_size=8)), max_size=30),
    max_tokens=st.integers(200, 3_000),
    detail=st.sampled_from(["places", "lines", "full"]),
    offset=st.integers(0, 40),
)
@settings(max_examples=300, deadline=None)
def test_never_over_the_budget(header, places, max_tokens, detail, offset):
    every = [
        made(number, [line.replace("\n", " ") for line in lines], note=note, alike=tuple(alike))
        for number, (note, lines, alike) in enumerate(places)
    ]
    packed = pack(header, every, max_tokens, detail=detail, offset=offset, more=MORE)
    assert packed.tokens == count_tokens(packed.text) <= max(max_tokens, count_tokens(header))
    assert list(packed.places) == every[offset : offset + len(packed.places)]
    shown = offset + len(packed.places)
    assert packed.next_offset == (shown if shown < len(every) else None)


def test_pages_show_every_place_once():
    every = [made(number, ["a line of code"] * 5) for number in range(60)]
    seen, offset = [], 0
    while offset is not None:
        packed = pack("header", every, 300, offset=offset, more=MORE)
        seen += packed.places
        offset = packed.next_offset
    assert seen == every


def test_the_best_places_are_quoted_and_the_others_listed():
    every = [made(number, [f"line {number} {row}" for row in range(20)]) for number in range(40)]
    text = pack("header", every, 1_000, more=MORE).text
    quoted, listed = text.split("More places, best first:")
    assert "line 0 0" in quoted
    assert "line" not in listed.replace("file", "").replace("lines", "")
    assert "src/file_20.py:11-40 name_20" in listed


def test_details():
    every = [made(number, [f"line {number} {row}" for row in range(20)]) for number in range(10)]
    places, lines, full = (pack("header", every, 2_000, detail=name, more=MORE) for name in ("places", "lines", "full"))
    assert "line 0 0" not in places.text
    assert places.tokens < lines.tokens <= full.tokens
    assert all(f"line 0 {row}" in full.text for row in range(20))


def test_similar_places_are_folded_into_one_line():
    text = pack("header", [made(1, alike=tuple(f"copy_{n}.py:1-9" for n in range(7)))], 500).text
    assert "and 7 like it: copy_0.py:1-9, copy_1.py:1-9, copy_2.py:1-9, copy_3.py:1-9, copy_4.py:1-9 and 2 more" in text


LINES = [f"    unrelated = {number}\n" for number in range(60)]
LINES[0] = "def parse(text):\n"
LINES[45] = "    raise BrokenHeader(text)\n"


def test_an_excerpt_has_the_signature_and_the_rarest_words():
    runs = excerpt(LINES, 0, 60, 0, Sought(("broken", "header"), ("BrokenHeader",)), 6)
    assert runs[0] == Run(0, ("def parse(text):",))
    assert "    raise BrokenHeader(text)" in runs[1].lines
    assert sum(len(run.lines) for run in runs) == 6


def test_an_excerpt_without_words_begins_where_the_place_opens():
    (run,) = excerpt(LINES, 0, 60, 20, Sought(), 5)
    assert (run.start, run.end) == (20, 25)
    (run,) = excerpt(LINES, 0, 60, 59, Sought(), 5)
    assert (run.start, run.end) == (55, 60)


def test_long_and_invisible_lines_are_shown_safely():
    (run,) = excerpt(["x" * 5_000 + "\n", "hidden \u202e text\n"], 0, 2, 0, Sought(), 5)
    assert len(run.lines[0]) == 201
    assert run.lines[1] == "hidden \\u202e text"


def test_tokens_are_counted_by_the_stated_rule():
    assert count_tokens("") == 0
    assert count_tokens("retry") == 1
    assert count_tokens("parseHTTPResponse") == 3
    assert count_tokens("internationalisation") == 3
    assert count_tokens("12345") == 2
    assert count_tokens("a = b;") == 4
    assert count_tokens("{\n        }") == 3
    assert count_tokens("äö") == 2
    assert count_tokens("\ud800") > 0


def test_weak_places_are_left_for_the_next_page():
    every = [made(number, is_weak=number >= 12) for number in range(30)]
    first = pack("header", every, 2_000, detail="places", more=MORE)
    assert list(first.places) == every[:12]
    assert first.text.splitlines()[-1] == '18 more: pass cursor "12"'
    assert list(pack("header", every, 2_000, detail="places", offset=12, more=MORE).places) == every[12:]
    assert list(pack("header", every, 3_000, detail="places", more=MORE).places) == every
    few = [made(number, is_weak=number > 0) for number in range(8)]
    assert list(pack("header", few, 2_000, more=MORE).places) == few
