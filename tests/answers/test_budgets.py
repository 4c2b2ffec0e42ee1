"""No answer and no error is long, whatever is asked and however long the names in a project are."""

from __future__ import annotations

import pytest

from codekin.answers import Answers, Budget, count_tokens
from codekin.answers.tokens import brief, shortened
from codekin.errors import CodekinError
from support.engines import open_indexed

LONGEST_ERROR = 200
LONG = "Very" * 40
NAMES = ["run_it", "deep_one", "x" * 900, "日本" * 400, "a\u202eb" * 100, "Foo." * 200 + "run_it", f"{LONG}1.run_it"]
QUERIES = [
    f"after:{'x' * 3_000} retry",
    f"lang:{'é' * 2_000} y",
    f"path:{'q' * 900} z",
    f'author:"{"日" * 900}" a',
    f"at:{'z' * 800}",
    "kind:nope " * 50,
    "retry " + "\u202e" * 500,
    LONG,
]


@pytest.fixture
async def answers(sample):
    for number in range(8):
        (sample / f"long_{number}.py").write_text(f"class {LONG}{number}:\n    def run_it(self): ...\n")
    (sample / "uses.py").write_text("x.run_it()\n" * 50)
    deep = sample / ("d" * 80) / ("e" * 80)
    deep.mkdir(parents=True)
    (deep / f"{'g' * 90}.py").write_text("def deep_one(): ...\ndeep_one()\n")
    async with open_indexed(sample) as engine:
        yield Answers(engine, [sample])


async def within(asked, most):
    try:
        shown, limit = (await asked).packed.text, most
    except CodekinError as error:
        shown, limit = str(error), LONGEST_ERROR
    assert count_tokens(shown) <= limit


@pytest.mark.parametrize("most", [200, 500])
async def test_no_answer_is_over_its_budget(answers, most):
    for name in NAMES:
        await within(answers.references(name, Budget(most)), most)
    for query in QUERIES:
        for detail in ("places", "lines", "full"):
            await within(answers.search(query, budget=Budget(most, detail)), most)
    for path in ("uses.py", "long_1.py", f"{'d' * 80}/{'e' * 80}/{'g' * 90}.py", "日" * 500, "x/" * 400):
        for line in (None, 1):
            await within(answers.expand(path, line, None, most), most)
        await within(answers.related(path, 1, None, Budget(most)), most)


async def test_an_answer_still_has_places_below_long_notes(answers):
    answer = await answers.search(f"call_with_retry after:{'x' * 3_000}", budget=Budget(300))
    assert answer.packed.places[0].symbol == "call_with_retry"
    assert "…" in answer.packed.text.splitlines()[1]


def test_a_text_is_cut_at_a_number_of_tokens():
    text = "one two three four five six seven"
    assert shortened(text, 7) == text
    assert count_tokens(shortened(text, 5)) <= 5
    assert shortened(text, 5).startswith("one two")
    assert brief("日" * 5_000).endswith("…")
    assert count_tokens(brief("日" * 5_000)) <= 41
