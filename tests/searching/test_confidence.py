"""How sure an answer is: strong and weak matches, and nothing for noise."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.domain.search import SearchRequest
from codekin.embedding.static import StaticEmbedder
from codekin.searching.ranking.confidence import CALIBRATED_MODEL, WEAK, chances, features
from codekin.searching.ranking.weights import NAMES
from support.engines import open_indexed


@pytest.fixture
async def engine(sample):
    async with open_indexed(sample, embedder="static") as engine:
        yield engine


async def ask(engine, query, **options):
    return await engine.search(SearchRequest(query, **options))


async def test_a_right_answer_is_surer_than_the_same_question_about_something_else(engine):
    right = await ask(engine, "where is the retry logic?")
    wrong = await ask(engine, "how are polygons triangulated on the sphere?")
    assert right.results[0].confidence > 0.3
    assert wrong.results[0].confidence < right.results[0].confidence / 2
    confidences = [result.confidence for result in right.results if result.kind in ("code", "test", "file")]
    assert all(0 < value <= 1 for value in confidences)
    assert confidences[0] == max(confidences)


async def test_weak_matches_are_called_weak(engine):
    answer = await ask(engine, "polygon mesh tessellation")
    assert answer.results[0].confidence < WEAK
    assert "All matches are weak. Little in the index is similar to the query." in answer.reasons


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("throttle", "gateway/limits/bucket.go"),
        ("backoff", "api/parcelpost/carriers.py"),
        ("goroutine", "gateway/webhooks/queue.go"),
    ],
)
async def test_a_word_that_the_model_knows_finds_what_has_another_name(engine, query, path):
    assert (await ask(engine, query)).results[0].path == path


@pytest.mark.parametrize(
    "query", ["qzxqwv", "hjkl ghgh", "mxyzptlk", "как проверить подпись", "どこで設定を読み込みますか"]
)
async def test_noise_finds_nothing_and_the_answer_says_why(engine, query):
    answer = await ask(engine, query)
    assert answer.results == ()
    assert answer.reasons[0].startswith("None of the words of the query are in the index.")


@pytest.mark.parametrize(
    ("begun", "symbol"),
    [("carri", "CarrierClient"), ("call_with_re", "call_with_retry"), ("LiveUp", "LiveUpdates")],
)
async def test_the_beginning_of_a_name_finds_it_while_it_is_typed(engine, begun, symbol):
    answer = await ask(engine, begun)
    assert answer.results[0].symbol.startswith(symbol)
    assert answer.reasons == ()


async def test_a_part_of_a_path_finds_the_file(engine):
    answer = await ask(engine, "ucket")
    assert answer.results[0].path == "gateway/limits/bucket.go"


async def test_a_misspelled_word_is_corrected(engine):
    (reason,) = (await ask(engine, "carier")).reasons
    assert reason.endswith("Did you mean carrier?")


async def test_other_modes_and_models_have_no_confidence(engine, sample):
    for mode in ("lexical", "semantic", "literal"):
        assert {result.confidence for result in (await ask(engine, "retry", mode=mode)).results} == {None}
    async with open_indexed(sample, embedder="hashing", home=str(sample.parent / "hashed")) as hashed:
        answer = await ask(hashed, "where is the retry logic?")
        assert {result.confidence for result in answer.results} == {None}


def test_it_is_calibrated_for_the_bundled_model():
    assert StaticEmbedder.bundled().name == CALIBRATED_MODEL


def test_the_chance_falls_with_the_distance_to_the_first_and_rises_with_its_lead():
    raw = np.zeros((3, len(NAMES)))
    raw[:, NAMES.index("dense_best")] = 0.5
    close, apart = chances(raw, [2.0, 1.9, 1.0], 1.0), chances(raw, [3.0, 1.9, 1.0], 1.0)
    assert close[0] > close[1] > close[2]
    assert apart[0] > close[0]
    assert features(raw[:1], [2.0], 1.0).shape == (1, 7)
