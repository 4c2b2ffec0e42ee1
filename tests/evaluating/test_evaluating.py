"""Queries from a workspace's own comments, which are removed from the searched copy."""

from __future__ import annotations

import json
import math
import re
from collections import Counter

import pytest

from codekin.chunking import doc_comments
from codekin.config import load_config
from codekin.evaluating.holdout import first_sentence, hold_out
from codekin.evaluating.scoring import mean, percentile, score
from support.commands import run_codekin

PYTHON = '''\
import time


def wait_for_turn(turn):
    """Blocks until the turn comes.

    Not for ever.
    """
    # not a doc comment
    time.sleep(turn)


class Turnstile:
    """Lets one person through."""
'''
GO = """\
package turns

// WaitForTurn blocks the caller
// until its turn comes.
func WaitForTurn(turn int) {
\tx := 1 // one
}
"""
TYPESCRIPT = """\
/**
 * Blocks until the {@link Turn} comes.
 * @param turn which one
 */
export function waitForTurn(turn: number) {}
"""
ELIXIR = """\
defmodule Turns do
  @doc "Blocks until the turn comes."
  def wait(turn), do: turn
end
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", PYTHON, [(4, 8, "wait_for_turn", 3), (13, 14, "Turnstile", 12)]),
        ("a.go", GO, [(2, 4, "WaitForTurn", 4)]),
        ("a.ts", TYPESCRIPT, [(0, 4, "waitForTurn", 4)]),
        ("a.ex", ELIXIR, [(1, 2, "wait", 2)]),
        ("a.txt", "# nothing", []),
    ],
)
def test_doc_comments_are_found_with_what_they_describe(path, text, expected):
    found = doc_comments(path, text)[0]
    assert [(item.start_line, item.end_line, item.name, item.line) for item in found] == expected


def test_first_sentences():
    said = {
        path: doc_comments(path, text)[0][0] for path, text in (("a.py", PYTHON), ("a.go", GO), ("a.ts", TYPESCRIPT))
    }
    assert first_sentence(said["a.py"].text, "wait_for_turn") == "Blocks until the turn comes."
    assert first_sentence(said["a.go"].text, "WaitForTurn") == "blocks the caller until its turn comes."
    assert first_sentence(said["a.ts"].text, "waitForTurn") == "Blocks until the Turn comes."
    for useless in (
        "Too short.",
        "Copyright of somebody who is very famous",
        "see http://example.org for all of it",
        "=== | --- | ===",
    ):
        assert not first_sentence(useless, "f")


def test_the_copy_does_not_contain_the_queries(sample, tmp_path):
    copy = tmp_path / "copy"
    queries = hold_out(sample, load_config(), copy, most=40, seed=3)
    assert {query.kind for query in queries} == {"doc", "name"}
    assert max(Counter((query.kind, query.path) for query in queries).values()) <= 3
    for query in queries:
        before, after = (folder.joinpath(query.path).read_text().split("\n") for folder in (sample, copy))
        assert len(before) == len(after)
        assert query.text not in " ".join("\n".join(after).split())
        if query.kind == "name":
            assert not re.search(rf"\b{query.text.replace(' ', '')}\b", "\n".join(after).lower().replace("_", ""))
    assert not (copy / "build").exists()
    assert hold_out(sample, load_config(), tmp_path / "again", most=40, seed=3) == queries
    assert len(hold_out(sample, load_config(), tmp_path / "few", most=4, seed=3)) == 4


def test_measures():
    one = score(["a", "b", "c"], ["b"])
    assert (one.mrr, one.recall, one.hit1) == (0.5, 1.0, 0.0)
    assert one.ndcg == pytest.approx(1 / math.log2(3))
    assert score([*"abcdefghijk"], ["k"]).recall == 0
    assert score(["b", "a", "b"], ["a", "b"]).ndcg == 1
    assert score(["a"], ["a", "z"]).recall == 0.5
    assert mean([one, score([], ["a"])]).mrr == 0.25
    assert mean([]).ndcg == 0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([], 0.5) == 0


def test_command(sample):
    arguments = ("evaluate", sample, "--queries", "30", "--model", "hashing")
    found = json.loads(run_codekin(*arguments, "--json", check=True).stdout)
    assert sum(found["queries"].values()) == 30
    assert "favours lexical matching" in found["caution"]
    rows = {(row["mode"], row["without"]): row for row in found["rows"]}
    whole = rows["everything", ""]
    assert 0.3 < whole["score"]["ndcg"] <= 1
    assert 0 < whole["p50_ms"] <= whole["p95_ms"]
    assert ("words alone", "") in rows
    assert ("everything", "meaning (best part)") in rows
    text = run_codekin(*arguments, check=True).stdout
    assert "without meaning (best part)" in text
    assert "favours lexical matching" in text


def test_the_default_of_the_deep_tier_is_evaluated_without_it(sample, monkeypatch):
    monkeypatch.delenv("CODEKIN_DEEP")
    done = run_codekin("evaluate", str(sample), "--json", "--queries", "4")
    assert done.returncode == 0, done.stderr
    assert "deep tier" not in done.stderr
