"""Segments that are written block by block: the same content as written whole, in little memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgpack
import numpy as np
import pytest

from codekin.storage.segment_file import PREAMBLE, Array, aligned, open_segment, write_segment
from codekin.storage.segment_stream import Column, Streamed, padded_header, write_streamed
from codekin.storage.vectors.flat import FlatIndex

CHECKED = {"rows": 1, "keys": 8}


def arrays(count: int) -> dict[str, Array]:
    random = np.random.default_rng(1)
    return {"rows": random.random((count, 4), np.float32), "keys": np.arange(count, dtype="<i8") * 3}


def streamed(whole: Mapping[str, Array], step: int) -> Streamed:
    rows = whole["rows"]

    def blocks() -> Iterator[Mapping[str, Array]]:
        for at in range(0, len(rows), step):
            yield {"rows": rows[at : at + step]}

    return Streamed({"rows": Column(rows.dtype, rows.shape)}, blocks(), lambda: {"keys": whole["keys"]})


@pytest.mark.parametrize("count", [1, 7, 1_000])
def test_the_same_arrays_as_written_whole(tmp_path: Path, count: int) -> None:
    whole = arrays(count)
    write_segment(tmp_path / "whole", {"kind": "test"}, whole, checked_rows=CHECKED)
    write_streamed(tmp_path / "streamed", {"kind": "test"}, streamed(whole, 7), checked_rows=CHECKED)
    one, other = open_segment(tmp_path / "whole"), open_segment(tmp_path / "streamed")
    for name in ("rows", "keys", "rows.sums", "keys.sums"):
        assert np.array_equal(one.arrays[name], other.arrays[name]), name
    assert other.fields["kind"] == "test"


def test_a_flipped_byte_costs_its_row_only(tmp_path: Path) -> None:
    whole, path = arrays(1_000), tmp_path / "streamed"
    write_streamed(path, {}, streamed(whole, 64), checked_rows=CHECKED)
    data = bytearray(path.read_bytes())
    at = data.find(whole["rows"][500].tobytes())
    data[at + 3] ^= 1
    path.write_bytes(data)
    assert open_segment(path).damaged.tolist() == [500]


@pytest.mark.parametrize("spare", [0, 1, 30, 63, 64, 65, 200, 300, 4_096, 70_000])
def test_the_header_reaches_the_arrays(spare: int) -> None:
    header = msgpack.packb({"kind": "x" * 40})
    start = aligned(PREAMBLE.size + len(header) + spare)
    padded = padded_header(header, start)
    assert aligned(PREAMBLE.size + len(padded)) == start
    assert msgpack.unpackb(padded)["kind"] == "x" * 40


def test_compaction_needs_a_fraction_of_the_rows(tmp_path: Path) -> None:
    rows, dim, batches = 8_000, 256, 8
    store = FlatIndex.open(tmp_path, dim=dim, embedder="test", writable=True)
    random = np.random.default_rng(2)
    for batch in range(batches):
        vectors = random.standard_normal((rows, dim)).astype(np.float32)
        store.add(np.arange(rows, dtype=np.int64) * batches + batch, vectors)
    expected = store.get(np.arange(0, rows * batches, 997, dtype=np.int64))[1]
    tracemalloc.start()
    store.compact()
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(store.get(np.arange(0, rows * batches, 997, dtype=np.int64))[1], expected)
    assert peak_bytes < rows * batches * dim * 4 / 2
