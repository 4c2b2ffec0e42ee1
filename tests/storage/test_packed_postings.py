"""Packed postings are those that were packed, and postings of version 1 are still read."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.domain.values import Chunk, NodeKind
from codekin.storage import LexicalIndex, terms_of
from codekin.storage.lexical import packing

TEXTS = ["apple banana", "banana cherry cherry", "cherry " * 300, "apple " * 40 + "date", "elder"]


def chunks():
    return [Chunk(NodeKind.CODE, "python", 0, 1, text, symbol="apple", doc="elder " * 5) for text in TEXTS]


@pytest.fixture
def packed(monkeypatch):
    monkeypatch.setattr(packing, "PACKED_POSTINGS", 0)


def written(fields, rows, size):
    """Return the arrays of postings that are written as two blocks."""
    writer, half = packing.PostingWriter(len(rows), size), len(rows) // 3
    blocks = [
        writer.block(rows[own], tuple(counts[own] for counts in fields)) for own in (slice(half), slice(half, None))
    ]
    return {name: np.concatenate([block[name] for block in blocks]) for name in writer.types} | writer.rest()


def test_counts_of_any_size_are_kept(packed):
    rng = np.random.default_rng(0)
    fields = tuple(rng.integers(0, high, 5_000).astype(np.uint8) for high in (20, 5, 256))
    fields[0][:3], fields[1][:3], fields[2][:3] = 15, 3, 3  # the byte that stands for listed counts
    counts = packing.opened_counts(written(fields, np.zeros(5_000, np.int32), 1))
    pieces = [slice(0, 10), slice(40, 40), slice(4_000, 5_000), slice(7, 900)]
    for found, expected in zip(counts.of(pieces), fields, strict=True):
        assert np.array_equal(found, np.concatenate([expected[piece] for piece in pieces]))


@pytest.mark.parametrize(("size", "bytes_per_row"), [(65_536, 2), (65_537, 3), (1 << 24, 3), ((1 << 24) + 1, 4)])
def test_rows_of_any_size_are_kept(packed, size, bytes_per_row):
    rows = np.array([0, 1, size // 2, size - 1], np.int32)
    arrays = written((np.ones(4, np.uint8),) * 3, rows, size)
    assert sum(array.nbytes for name, array in arrays.items() if name.startswith("rows")) == bytes_per_row * len(rows)
    opened = packing.opened_rows(arrays)
    assert len(opened) == len(rows)
    assert opened.of([slice(2, 4), slice(0, 3)]).tolist() == [*rows[2:], *rows[:3]]


def test_many_postings_of_version_1_are_read_and_packed(tmp_path, monkeypatch):
    keys = np.arange(len(TEXTS))
    fresh = LexicalIndex.open(tmp_path / "fresh", writable=True)
    fresh.add(keys, chunks())
    index = LexicalIndex.open(tmp_path / "old", writable=True)
    index.add(keys, chunks())
    assert not index.outdated
    monkeypatch.setattr(packing, "PACKED_POSTINGS", 5)

    def answers(one):
        found = [one.view().search(terms_of(word), 10) for word in ("apple", "cherry date", "elder banana")]
        return [(hits.keys.tolist(), hits.scores.tolist()) for hits in found]

    assert index.outdated
    assert answers(index) == answers(fresh)
    index.delete(np.array([4]))
    fresh.delete(np.array([4]))
    assert answers(index) == answers(fresh)
    index.compact()
    assert not index.outdated
    assert "counts" in index._directory.live[0].segment.arrays
    assert answers(index) == answers(fresh)
    index.close()
    fresh.close()
