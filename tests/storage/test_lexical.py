"""BM25F against the formula written out, and the index under change, damage and two processes."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codekin.domain.values import Chunk, Definition, NodeKind
from codekin.storage import BM25, LexicalIndex, terms_of
from codekin.storage.lexical import bm25
from codekin.storage.lexical.building import build
from codekin.storage.segments import SegmentDirectory

SKEWED = [0.3, 0.3, 0.1, 0.1, 0.05, 0.05, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01]
WORDS = ["retry", "delay", "parseHTTP", "snake_case", "naïve", "x", "request"]


def chunk(text, symbol="", doc=""):
    definitions = (Definition(symbol, "function", 0),) if symbol else ()
    return Chunk(NodeKind.CODE, "python", 0, 1, text, symbol=symbol, doc=doc, definitions=definitions)


def oracle(chunks, query, params):
    """Scores by the formula, without any index."""
    fields = [
        [
            Counter(terms_of(c.text)),
            Counter(terms_of(f"{c.symbol} {c.symbol}" if c.symbol else "")),
            Counter(terms_of(c.doc)),
        ]
        for c in chunks.values()
    ]
    lengths = [[sum(field.values()) for field in item] for item in fields]
    means = [float(f"{sum(item[at] for item in lengths) / len(lengths):.2g}") for at in range(3)]
    scores = {}
    frequency = {
        term: sum(any(field[term] for field in item) for item in fields) for term in dict.fromkeys(terms_of(query))
    }
    useful = [term for term, count in frequency.items() if 0 < count <= 0.5 * len(chunks)] or [
        t for t, c in frequency.items() if c
    ]
    for key, item, length in zip(chunks, fields, lengths, strict=True):
        total = 0.0
        for term in useful:
            count = frequency[term]
            weight = sum(
                params.weights[at]
                * item[at][term]
                / (1 - params.b[at] + params.b[at] * length[at] / max(means[at], 1e-9))
                for at in range(3)
            )
            idf = math.log(1 + (len(chunks) - count + 0.5) / (count + 0.5))
            total += idf * weight * (params.k1 + 1) / (weight + params.k1)
        if total > 0:
            scores[key] = total
    return scores


TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.tuples(TEXTS, st.sampled_from(["", *WORDS]), TEXTS), min_size=1, max_size=12),
    query=TEXTS,
    data=st.data(),
)
def test_scores_are_those_of_the_formula(texts, query, data, tmp_path_factory):
    chunks = {number: chunk(*item) for number, item in enumerate(texts)}
    index = LexicalIndex.open(tmp_path_factory.mktemp("l"), writable=True)
    cut = data.draw(st.integers(0, len(chunks)))
    for keys in (list(chunks)[:cut], list(chunks)[cut:]):
        index.add(np.array(keys, dtype=np.int64), [chunks[key] for key in keys])
    if data.draw(st.booleans()):
        index.compact()
    hits = index.view().search(terms_of(query), 100)
    want = oracle(chunks, query, BM25())
    assert dict(zip(hits.keys.tolist(), hits.scores.tolist(), strict=True)) == pytest.approx(want, rel=1e-4)
    assert np.all(np.diff(hits.scores) <= 0)
    index.close()


def test_words_of_identifiers_and_stems_match(tmp_path):
    index = LexicalIndex.open(tmp_path, writable=True)
    index.add(
        np.array([1, 2, 3]), [chunk("def retryRequests(): pass"), chunk("parse_http_header"), chunk("nothing here")]
    )
    assert index.view().search(terms_of("retrying a request"), 5).keys.tolist() == [1]
    assert index.view().search(terms_of("HTTP headers"), 5).keys.tolist() == [2]
    assert index.view().search(terms_of("parse_http_header"), 5).keys.tolist() == [2]
    assert index.view().search(terms_of("zebra"), 5).keys.tolist() == []
    assert index.view().search((), 5).keys.tolist() == []
    assert index.view().search(terms_of("nothing"), 5, np.array([1, 2])).keys.tolist() == []
    index.close()


def test_many_small_commits_equal_one_big_one(tmp_path):
    rng = np.random.default_rng(0)
    chunks = {number: chunk(" ".join(rng.choice(WORDS, 6)), str(rng.choice(WORDS))) for number in range(120)}
    one, many = (LexicalIndex.open(tmp_path / name, writable=True) for name in ("one", "many"))
    one.add(np.array(list(chunks)), list(chunks.values()))
    for key, item in chunks.items():
        many.add(np.array([key]), [item])
    assert len(list((tmp_path / "many").glob("*.segment"))) < 40
    for query in WORDS:
        a, b = one.view().search(terms_of(query), 200), many.view().search(terms_of(query), 200)
        assert a.keys.tolist() == b.keys.tolist()
        assert np.allclose(a.scores, b.scores)
    many.delete(np.arange(60))
    many.compact()
    assert many.keys().tolist() == list(range(60, 120))
    assert many.contains(np.array([0, 60])).tolist() == [False, True]
    one.close()
    many.close()


def test_volatile_chunks_are_found_and_never_written(tmp_path):
    index = LexicalIndex.open(tmp_path, writable=True)
    index.add(np.array([1]), [chunk("retry delay")])
    index.add(np.array([2]), [chunk("zebra stripes")], volatile=True)
    assert index.view().search(terms_of("zebra"), 5).keys.tolist() == [2]
    assert index.keys().tolist() == [1]
    assert not index.contains(np.array([2])).any()
    index.close()
    index = LexicalIndex.open(tmp_path, writable=True)
    assert index.view().search(terms_of("zebra"), 5).keys.tolist() == []
    index.close()


def test_a_reader_follows_and_a_damaged_segment_is_told(tmp_path):
    writer, reader = LexicalIndex.open(tmp_path, writable=True), LexicalIndex.open(tmp_path, writable=False)
    writer.add(np.array([1]), [chunk("retry")])
    writer.add(np.array([2]), [chunk("delay")])
    assert reader.refresh()
    assert reader.view().search(terms_of("delay"), 5).keys.tolist() == [2]
    writer.close()
    reader.close()
    victim = min(tmp_path.glob("*.segment"))
    victim.write_bytes(victim.read_bytes()[:64])
    index = LexicalIndex.open(tmp_path, writable=True)
    assert index.problems
    assert index.keys().tolist() == [2]
    index.close()


def test_rows_of_vanished_content_do_not_count(tmp_path):
    chunks = {
        number: chunk(text) for number, text in enumerate(["retry delay", "retry", "delay delay", "request", "x"])
    }
    old, fresh = (LexicalIndex.open(tmp_path / name, writable=True) for name in ("old", "fresh"))
    old.add(np.arange(5), list(chunks.values()))
    live = np.array([0, 2, 4])
    fresh.add(live, [chunks[key] for key in live.tolist()])
    a, b = (index.search(terms_of("retry delay x"), 9) for index in (old.view(live), fresh.view()))
    assert a.keys.tolist() == b.keys.tolist()
    assert np.allclose(a.scores, b.scores)
    old.delete(np.array([1, 3]))
    assert np.allclose(old.view().search(terms_of("retry delay x"), 9).scores, b.scores)
    old.close()
    fresh.close()


def test_draft_filled_piece_by_piece_is_what_is_made_at_once(tmp_path):
    chunks = {9: chunk("retry delay", "retry"), 2: chunk("parseHTTP naïve"), 5: chunk("x", doc="request"), 7: chunk("")}
    with_all = {**chunks, 4: chunk("snake_case")}
    index = LexicalIndex.open(tmp_path / "drafted", writable=True)
    index.add(np.array([4]), [with_all[4]])
    draft = index.draft()
    for keys in ([9], [2, 9], [], [4, 7], [5]):
        draft.add({key: with_all[key] for key in keys})
    assert sorted(draft.keys) == sorted(chunks)
    made, at_once = draft.arrays(), build(chunks)
    assert made.keys() == at_once.keys()
    for name, array in at_once.items():
        np.testing.assert_array_equal(made[name], array)
    index.commit(draft)
    assert index.keys().tolist() == sorted(with_all)
    index.close()


def test_segments_with_the_terms_of_an_earlier_version_are_dropped_by_the_writer_only(tmp_path):
    chunks = {1: chunk("def retry(): pass", "retry"), 2: chunk("version 8.2.0")}
    SegmentDirectory(tmp_path, "lexical-1", writable=True).commit(add=[({}, build(chunks))])
    assert len(LexicalIndex.open(tmp_path, writable=False)) == len(chunks)
    assert len(LexicalIndex.open(tmp_path, writable=True)) == 0
    assert list(tmp_path.glob("*.segment")) == []


@pytest.mark.parametrize(("small", "few"), [(10_000, 10_000), (0, 10_000), (0, 150)])
def test_restricting_again_and_again_gives_what_restricting_once_gives(tmp_path, monkeypatch, small, few):
    monkeypatch.setattr("codekin.storage.lexical.segment._SMALL_SEGMENT", small)
    monkeypatch.setattr("codekin.storage.lexical.segment._FEW_KEYS", few)
    rng = np.random.default_rng(0)
    index = LexicalIndex.open(tmp_path, writable=True)
    index.add(np.arange(0, 400, 2), [chunk(f"apple w{number % 7}") for number in range(200)])
    index.add(np.arange(1, 41, 2), [chunk(f"apple w{number % 7}") for number in range(20)])
    for _ in range(12):
        keys = np.flatnonzero(rng.random(500) < rng.choice([0.02, 0.9]))
        keys.flags.writeable = False  # as those of a snapshot
        chosen = rng.random(len(keys)) < 0.5
        view = index.view().restricted_to(keys)
        for restricted, expected in ((view, keys), (view.restricted_to(keys[chosen]), keys[chosen])):
            found = restricted.search(terms_of("apple"), 1_000).keys
            assert sorted(found.tolist()) == sorted(set(expected.tolist()) & set(index.keys().tolist()))
    index.close()


@pytest.mark.parametrize("alive", [0.03, 0.9, 1.0])
def test_scores_are_the_same_however_many_postings_are_scored_at_once(tmp_path, monkeypatch, alive):
    rng = np.random.default_rng(1)
    words = np.array([f"w{number}" for number in range(12)])
    index = LexicalIndex.open(tmp_path, writable=True)
    texts = [" ".join(rng.choice(words, int(size), p=SKEWED)) for size in rng.integers(1, 30, 500)]
    index.add(np.arange(500), [chunk(text) for text in texts])
    keys = np.flatnonzero(rng.random(500) < alive)
    queries = [terms_of(" ".join(rng.choice(words, 4))) for _ in range(30)]

    def answers():
        view = index.view().restricted_to(keys)
        found = [view.search(query, 500) for query in queries for _ in range(2)]
        return [dict(zip(hits.keys.tolist(), hits.scores.tolist(), strict=True)) for hits in found]

    expected = answers()
    monkeypatch.setattr(bm25, "_MANY_POSTINGS", 0)
    for at_once in (1, 7, 200, 65_536):
        monkeypatch.setattr(bm25, "_SCORED_POSTINGS", at_once)
        for one, other in zip(answers(), expected, strict=True):
            assert one == pytest.approx(other, rel=1e-6)
    index.close()


@pytest.mark.parametrize("sampled", [2, 16])
@pytest.mark.parametrize("alive", [0.03, 0.9, 1.0])
def test_a_sample_of_the_scores_excludes_none_of_the_best(tmp_path, monkeypatch, alive, sampled):
    monkeypatch.setattr("codekin.storage.lexical.index._SAMPLED", sampled)
    monkeypatch.setattr(bm25, "_MANY_POSTINGS", 0)
    rng = np.random.default_rng(2)
    words = np.array([f"w{number}" for number in range(12)])
    index = LexicalIndex.open(tmp_path, writable=True)
    texts = [" ".join(rng.choice(words, int(size), p=SKEWED)) for size in rng.integers(1, 30, 1_000)]
    index.add(np.arange(1_000), [chunk(text) for text in texts])
    view = index.view().restricted_to(np.flatnonzero(rng.random(1_000) < alive))
    for few in (False, True):
        monkeypatch.setattr(bm25, "_MANY_ROWS", 999 if few else 50_000)
        for _ in range(20):
            query = terms_of(" ".join(rng.choice(words, 3)))
            best, everything = view.search(query, 7), view.search(query, 1_000)
            assert best.keys.tolist() == everything.keys[:7].tolist()
            assert best.scores.tolist() == everything.scores[:7].tolist()
    index.close()
