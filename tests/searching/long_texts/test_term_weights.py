"""Words that most issues and commit messages contain count less in long texts."""

from __future__ import annotations

from codekin.searching.query.parsing import parse_query
from codekin.searching.query.term_weights import weights_of_frequent_terms, weights_of_terms
from codekin.searching.ranking.long_signals import LONG_SIGNALS, long_signals
from codekin.storage import stem, term_id
from support.engines import open_indexed

ISSUE = "Unexpected error\n\nSteps to reproduce the behavior. Expected: none. Actual: an error about frobnication.\n"


def weight(weights, word):
    return weights[term_id(stem(word))]


def test_a_word_of_every_issue_counts_less_than_a_rare_one():
    weights = weights_of_terms(ISSUE)
    assert weight(weights, "frobnication") == 1.0
    assert all(0.1 <= weight(weights, word) < 0.5 for word in ("reproduce", "expected", "behavior", "error"))
    assert all(0.1 <= value <= 1.0 for value in weights.values())


def test_a_repeated_word_counts_more_and_the_most_frequent_are_kept():
    weights = weights_of_frequent_terms("zebra zebra zebra okapi the the", 2)
    assert len(weights) == 2
    assert weight(weights, "zebra") > 1.0 > weight(weights, "the")


async def test_the_rare_word_of_an_issue_decides(tmp_path):
    (tmp_path / "gear.py").write_text("def turn(gear):\n    frobnication = gear.teeth\n    return frobnication\n")
    (tmp_path / "records.py").write_text("def collect(reproduce, expected):\n    return reproduce or expected\n")
    async with open_indexed(tmp_path, embedder="static") as engine:
        (view,) = (view for view in engine.views() if not view.of_records)
        words = long_signals(view, parse_query(ISSUE))[:, LONG_SIGNALS.index("words")]
    gear, records = (words[view.blocks.paths.index(name)] for name in ("gear.py", "records.py"))
    assert gear > 1.5 * records
