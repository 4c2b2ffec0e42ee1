"""Several places of a file among the results."""

from __future__ import annotations

from collections import Counter

import pytest

from codekin.domain.search import SearchRequest
from support.engines import open_indexed

PARSE = "def parse_{name}_header(line):\n    name, _, value = line.partition(':')\n    return name.strip(), value\n\n\n"
UNLIKE = "def draw_triangle(canvas):\n" + "    canvas.move(0, 0)\n    canvas.stroke(3, 4)\n" * 20


@pytest.fixture
async def ask(tmp_path):
    for letter in "abcdef":
        names = [f"{letter}{number}" for number in range(6)]
        (tmp_path / f"{letter}.py").write_text("".join(PARSE.format(name=name) for name in names) + UNLIKE)
    async with open_indexed(tmp_path) as engine:

        async def found(**options):
            return (await engine.search(SearchRequest("parse the header of a line kind:code", **options))).results

        yield found


async def test_by_default_each_file_has_one_place_until_all_files_have_one(ask):
    found = await ask(limit=6)
    assert Counter(Counter(place.path for place in found).values()) == {1: 6}


async def test_files_have_up_to_the_wanted_number_of_places_by_score(ask):
    assert Counter(Counter(place.path for place in await ask(limit=100, per_file=1)).values()) == {1: 6}
    found = await ask(limit=12, per_file=3)
    assert Counter(Counter(place.path for place in found).values()) == {3: 4}
    scores = [place.score for place in found]
    assert scores == sorted(scores, reverse=True)
    assert len({(place.path, place.start_line) for place in found}) == 12


async def test_the_limit_includes_further_places(ask):
    assert len(await ask(limit=4, per_file=3)) == 4
    assert Counter(place.path for place in await ask(limit=1, per_file=9)).total() == 1


async def test_places_that_hardly_match_are_left_out(ask):
    assert "draw_triangle" in {place.symbol for place in await ask(limit=100)}
    assert "draw_triangle" not in {place.symbol for place in await ask(limit=100, per_file=100)}
