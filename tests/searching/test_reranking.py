"""Reranking and thresholds with several roots, unsaved buffers and negative scores."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.domain.search import Refinement, SearchRequest
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.ranking.reranking import depth, refined
from support.engines import open_engine

RETRY = "def retry(request, attempts):\n    while attempts:\n        attempts -= 1\n        request.send()\n"


@pytest.fixture
async def engine(tmp_path):
    """Two roots; the second has an unsaved buffer."""
    roots = [tmp_path / "one", tmp_path / "two"]
    for root in roots:
        root.mkdir()
        (root / f"{root.name}.py").write_text(RETRY)
        (root / "other.py").write_text("def price(order):\n    return order.weight * 3\n")
    async with open_engine(*roots) as engine:
        await engine.index()
        await engine.update_buffer(roots[1] / "other.py", "def retry_again(request):\n    return retry(request, 3)\n")
        yield engine


async def search(engine, **refinement):
    request = SearchRequest("retry request attempts", limit=10, explain=True, refinement=Refinement(**refinement))
    return (await engine.search(request)).results


async def test_similarity_is_the_cosine_in_every_root_and_in_buffers(engine):
    results = await search(engine, rerank="similarity")
    embedder = engine._roots.all()[0].index.parts.serving.embedder
    query = embedder.embed_query("retry request attempts")
    scores = {(result.root.rpartition("/")[2], result.path): result.score for result in results}
    assert scores["one", "one.py"] == scores["two", "two.py"] > 0
    unsaved = next(result for result in results if "retry_again" in result.snippet)
    expected = embedder.embed_passages([f" retry_again\n{unsaved.snippet}"])[0] @ query
    assert unsaved.score == pytest.approx(float(expected), abs=1e-5)
    assert [result.score for result in results] == sorted((result.score for result in results), reverse=True)


async def test_a_copy_in_another_root_is_a_repetition(engine):
    plain = await search(engine)
    varied = await search(engine, rerank="diversity")
    assert {result.path for result in plain[:2]} == {"one.py", "two.py"}
    copy = next(result for result in varied[1:] if result.path in ("one.py", "two.py"))
    assert copy.parts["repetition"] == pytest.approx(-0.5, abs=1e-5)
    assert sum(copy.parts.values()) == pytest.approx(copy.score)


def ranked(*scores):
    return [Ranked(None, number, score, {"signal": score}) for number, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "share", "kept"),
    [((4.0, 2.0, 1.9, -1.0), 0.5, 2), ((4.0, 2.0), 1.0, 1), ((-1.0, -1.4, -1.6), 0.5, 2), ((0.0, -0.1), 0.5, 1)],
)
def test_a_share_of_the_best_keeps_the_best(scores, share, kept):
    chosen = refined(ranked(*scores), np.zeros, Refinement(share, of_best=True), 10)
    assert [item.score for item in chosen] == list(scores[:kept])


def test_an_empty_refinement_changes_nothing():
    everything = ranked(3.0, 2.0, 1.0)
    assert refined(everything, np.zeros, Refinement(), 2) == everything[:2]
    assert refined([], np.zeros, Refinement(0.5, of_best=True, rerank="diversity"), 2) == []
    assert depth(Refinement(), 7) == depth(Refinement(0.5), 7) == 7
    assert depth(Refinement(rerank="diversity"), 7) == 100
    assert depth(Refinement(rerank="diversity"), 700) == 700
