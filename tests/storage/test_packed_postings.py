"""Packed postings are those that were packed, and postings of earlier versions are still read."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.domain.values import Chunk, NodeKind
from codekin.storage import LexicalIndex, terms_of
from codekin.storage.lexical import packing
from codekin.storage.segment_file import format_of
from support.earlier.segments import postings_to_format_2

TEXTS = ["apple banana", "banana cherry cherry", "cherry " * 300, "apple " * 40 + "date", "elder"]


def chunks():
    return [Chunk(NodeKind.CODE, "python", 0, 1, text, symbol="apple", doc="elder " * 5) for text in TEXTS]


def answers(index):
    found = [index.view().search(terms_of(word), 10) for word in ("apple", "cherry date", "elder banana")]
    return [(hits.keys.tolist(), hits.scores.tolist()) for hits in found]


@pytest.fixture
def packed(monkeypatch):
    monkeypatch.setattr(packing, "PACKED_POSTINGS", 0)


def written(fields, rows, sizes, size):
    """Return the arrays of postings of terms with these sizes, written as two blocks."""
    writer = packing.PostingWriter(len(rows), size)
    first, half = len(sizes) // 3, int(np.sum(sizes[: len(sizes) // 3]))
    blocks = [
        writer.block(rows[own], tuple(counts[own] for counts in fields), sizes[terms])
        for own, terms in ((slice(half), slice(first)), (slice(half, None), slice(first, None)))
    ]
    return {name: np.concatenate([block[name] for block in blocks]) for name in writer.types} | writer.rest()


def test_counts_of_any_size_are_kept(packed, monkeypatch):
    monkeypatch.setattr(packing, "_COUNTED_POSTINGS", 64)
    rng = np.random.default_rng(0)
    fields = tuple(rng.integers(0, high, 5_000).astype(np.uint8) for high in (20, 5, 256))
    fields[0][:3], fields[1][:3], fields[2][:3] = 15, 3, 3  # the byte that stands for listed counts
    arrays = written(fields, np.zeros(5_000, np.int32), np.full(50, 100), 1)
    earlier = {name: arrays[name] for name in ("counts", "listed")}
    earlier["listed_at"] = np.flatnonzero(arrays["counts"] == 255).astype(np.uint32)
    pieces = [slice(0, 10), slice(40, 40), slice(4_000, 5_000), slice(7, 900), slice(5_000, 5_000), slice(900, 901)]
    for opened in (packing.opened_counts(arrays), packing.opened_counts(earlier)):
        for found, expected in zip(opened.of(pieces), fields, strict=True):
            assert np.array_equal(found, np.concatenate([expected[piece] for piece in pieces]))
        assert [len(found) for found in opened.of([slice(3, 3)])] == [0, 0, 0]


@pytest.mark.parametrize(("size", "bytes_per_row"), [(65_536, 2), (65_537, 3), (1 << 24, 3), ((1 << 24) + 1, 4)])
def test_rows_of_any_size_are_kept(packed, size, bytes_per_row):
    rows = np.array([0, 1, size // 2, size - 1], np.int32)
    arrays = written((np.ones(4, np.uint8),) * 3, rows, np.array([4]), size)
    assert sum(array.nbytes for name, array in arrays.items() if name.startswith("rows")) == bytes_per_row * len(rows)
    opened = packing.opened_rows(arrays)
    assert len(opened) == len(rows)
    assert opened.of([slice(2, 4), slice(0, 3)]).tolist() == [*rows[2:], *rows[:3]]


@pytest.mark.parametrize("seed", range(20))
def test_high_bits_of_frequent_terms_are_kept(packed, seed):
    rng = np.random.default_rng(seed)
    size = int(rng.choice([65_537, 500_000, 3_000_000]))
    sizes = rng.choice([0, 1, 7, 60, 400, 3_000], 30)
    terms = [np.sort(rng.integers(0, size, count)).astype(np.int32) for count in sizes]
    rows = np.concatenate(terms)
    arrays = written((np.ones(len(rows), np.uint8),) * 3, rows, sizes, size)
    assert len(arrays["frequent"]) > 0
    assert len(arrays["rows_high"]) < len(rows)
    opened = packing.opened_rows(arrays)
    ends = np.cumsum(sizes)
    whole = [slice(int(end - count), int(end)) for end, count in zip(ends, sizes, strict=True)]
    bounds = np.sort(rng.integers(0, len(rows) + 1, (50, 2)))
    parts = [slice(int(start), int(end)) for start, end in bounds]
    for pieces in (whole, parts, [slice(0, len(rows))], [slice(9, 9)]):
        assert np.array_equal(opened.of(pieces), np.concatenate([rows[piece] for piece in pieces]))


def test_many_postings_of_version_1_are_read_and_packed(tmp_path, monkeypatch):
    keys = np.arange(len(TEXTS))
    fresh = LexicalIndex.open(tmp_path / "fresh", writable=True)
    fresh.add(keys, chunks())
    index = LexicalIndex.open(tmp_path / "old", writable=True)
    index.add(keys, chunks())
    assert not index.outdated
    monkeypatch.setattr(packing, "PACKED_POSTINGS", 5)

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


def test_packed_postings_of_format_2_are_read_and_packed(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "PACKED_POSTINGS", 5)
    monkeypatch.setattr(packing, "_LOW_BITS", 1)
    monkeypatch.setattr(packing, "_LOW", 1)
    monkeypatch.setattr(packing, "_ROWS_BY_LOW_BITS", 2)
    monkeypatch.setattr(packing, "_POSTINGS_PER_RUN", 1)
    index = LexicalIndex.open(tmp_path, writable=True)
    index.add(np.arange(len(TEXTS)), chunks())
    expected = answers(index)
    index.close()
    (path,) = tmp_path.glob("*.segment")
    postings_to_format_2(path)
    assert format_of(path) == 2
    again = LexicalIndex.open(tmp_path, writable=True)
    assert again.outdated
    assert answers(again) == expected
    again.compact()
    assert not again.outdated
    assert answers(again) == expected
    arrays = again._directory.live[0].segment.arrays
    assert len(arrays["frequent"]) > 0
    assert "listed_at" not in arrays
    again.close()
