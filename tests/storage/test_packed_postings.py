"""Packed postings are those that were packed, and postings of version 1 are still read."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.domain.values import Chunk, NodeKind
from codekin.storage import LexicalIndex, terms_of
from codekin.storage.lexical import packing
from codekin.storage.lexical.building import build
from codekin.storage.segments import SegmentDirectory

TEXTS = ["apple banana", "banana cherry cherry", "cherry " * 300, "apple " * 40 + "date", "elder"]


def chunks():
    return [Chunk(NodeKind.CODE, "python", 0, 1, text, symbol="apple", doc="elder " * 5) for text in TEXTS]


def test_counts_of_any_size_are_kept():
    rng = np.random.default_rng(0)
    fields = tuple(rng.integers(0, high, 5_000).astype(np.uint8) for high in (20, 5, 256))
    fields[0][:3], fields[1][:3], fields[2][:3] = 15, 3, 3  # the byte that stands for listed counts
    counts = packing.packed_counts(fields)
    pieces = [slice(0, 10), slice(40, 40), slice(4_000, 5_000), slice(7, 900)]
    for found, expected in zip(counts.of(pieces), fields, strict=True):
        assert np.array_equal(found, np.concatenate([expected[piece] for piece in pieces]))


@pytest.mark.parametrize(("size", "bytes_per_row"), [(65_536, 2), (65_537, 3), (1 << 24, 3), ((1 << 24) + 1, 4)])
def test_rows_of_any_size_are_kept(size, bytes_per_row):
    rows = np.array([0, 1, size // 2, size - 1], np.int32)
    arrays = packing.packed_rows(rows, size)
    assert sum(array.nbytes for array in arrays.values()) == bytes_per_row * len(rows)
    opened = packing.opened_rows(arrays)
    assert len(opened) == len(rows)
    assert opened.of([slice(2, 4), slice(0, 3)]).tolist() == [*rows[2:], *rows[:3]]


def version_1(arrays):
    """Return the arrays of a segment as version 1 wrote them."""
    rows, counts = packing.opened_rows(arrays), packing.opened_counts(arrays)
    everything = [slice(0, len(rows))]
    kept = {name: array for name, array in arrays.items() if name not in ("counts", "listed_at", "listed", "rows_high")}
    named = (f"count_{name}" for name in packing.FIELDS)
    return {**kept, "rows": rows.of(everything), **dict(zip(named, counts.of(everything), strict=True))}


def test_postings_of_version_1_are_read_and_rewritten(tmp_path):
    keys = np.arange(len(TEXTS))
    fresh = LexicalIndex.open(tmp_path / "fresh", writable=True)
    fresh.add(keys, chunks())
    old = SegmentDirectory(tmp_path / "old", "lexical-2", writable=True)
    old.commit(add=[({}, version_1(build(dict(zip(keys.tolist(), chunks(), strict=True)))))])
    old.close()
    index = LexicalIndex.open(tmp_path / "old", writable=True)

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
    assert answers(index) == answers(fresh)
    index.close()
    fresh.close()
