"""Rows as integers: what they lose, and how segments of an earlier version become such rows."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from contextlib import suppress

import numpy as np
import pytest

from codekin.errors import IndexNewerError
from codekin.storage.segment_file import FORMAT_VERSION
from codekin.storage.vectors.binary_codes import TWO_STAGE_ROWS
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.stored_rows import StoredRows, quantized, same_rows
from support.rows import unit

_ROWS, _DIM = TWO_STAGE_ROWS + 1_000, 64
_LOSS = 0.004
_VERSION_AT = 4


@pytest.fixture(scope="module")
def rows():
    rows = unit(np.random.default_rng(3), _ROWS, _DIM)
    rows[17] = 0
    return rows


def opened(path, *, writable=True, exact=False):
    return FlatIndex.open(path, dim=_DIM, embedder="m", writable=writable, exact=exact)


def in_version_1(path, rows):
    """Write an index as version 1 wrote it: only the number of the version differs."""
    store = opened(path, exact=True)
    store.add(np.arange(_ROWS), rows)
    store.close()
    set_version(path, 1)


def index_files(path):
    return [path / "MANIFEST", *path.glob("*.segment")]


def set_version(path, version):
    for file in index_files(path):
        data = bytearray(file.read_bytes())
        data[_VERSION_AT] = version
        file.write_bytes(data)


def bytes_in(path):
    return sum(file.stat().st_size for file in path.glob("*.segment"))


def test_a_row_keeps_its_length_and_nearly_its_direction(rows):
    integers, scales = quantized(rows)
    restored = integers * scales[:, None]
    assert np.allclose(np.linalg.norm(restored, axis=1), np.linalg.norm(rows, axis=1), atol=1e-6)
    assert np.abs(restored - rows).max() < _LOSS
    assert not restored[17].any()


def test_quantizing_again_changes_nothing(rows):
    integers, scales = quantized(rows)
    again, scales_again = quantized(integers * scales[:, None])
    assert np.array_equal(again, integers)
    assert np.allclose(scales_again, scales, rtol=1e-6)


def test_rounded_rows_are_the_same_and_others_are_not(rows):
    integers, scales = quantized(rows[:500])
    rounded = integers * scales[:, None]
    assert same_rows(rows[:500], rounded).all()
    rounded[7] = rows[8]
    assert np.flatnonzero(~same_rows(rows[:500], rounded)).tolist() == [7]


def test_no_rows():
    integers, scales = quantized(np.empty((0, 8), np.float32))
    assert integers.shape == (0, 8)
    assert StoredRows(integers, scales).cosines(np.ones(8, np.float32)).shape == (0,)


def test_cosines_are_those_of_the_rows_that_are_returned(rows):
    stored = StoredRows(*quantized(rows[:2_000]))
    query, places = rows[5], np.arange(3, 1_800, 7)
    assert np.allclose(stored.cosines(query), stored.get(np.arange(2_000)) @ query, atol=1e-6)
    assert np.allclose(stored.cosines(query, places), stored.get(places) @ query, atol=1e-6)


def test_a_large_segment_takes_a_third_of_the_space(tmp_path, rows):
    store = opened(tmp_path / "integers")
    store.add(np.arange(_ROWS), rows)
    plain = opened(tmp_path / "plain", exact=True)
    plain.add(np.arange(_ROWS), rows)
    assert bytes_in(tmp_path / "integers") < 0.4 * bytes_in(tmp_path / "plain")
    assert np.array_equal(plain.get(np.arange(_ROWS))[1], rows)
    found, got = store.get(np.arange(_ROWS))
    assert found.all()
    assert np.abs(got - rows).max() < _LOSS
    store.close()
    plain.close()


def test_small_segments_stay_exact(tmp_path, rows):
    store = opened(tmp_path)
    store.add(np.arange(100), rows[:100])
    store.compact()
    assert np.array_equal(store.get(np.arange(100))[1], rows[:100])
    assert not store.outdated
    store.close()


def test_an_index_of_version_1_is_read_and_converted_by_compaction(tmp_path, rows):
    in_version_1(tmp_path, rows)
    size = bytes_in(tmp_path)
    store = opened(tmp_path)
    follower = opened(tmp_path, writable=False)
    assert store.outdated
    assert np.array_equal(store.get(np.arange(_ROWS))[1], rows)
    store.add(np.array([_ROWS]), rows[:1])
    store.delete(np.array([3]))
    before = [store.search(row, 10).keys.tolist() for row in rows[50:60]]
    store.compact()
    assert not store.outdated
    assert bytes_in(tmp_path) < 0.4 * size
    assert follower.refresh()
    for one in (store, follower):
        assert np.array_equal(one.keys(), np.delete(np.arange(_ROWS + 1), 3))
        after = [one.search(row, 10).keys.tolist() for row in rows[50:60]]
        assert np.mean([len(set(a) & set(b)) / 10 for a, b in zip(before, after, strict=True)]) >= 0.97
        one.close()
    assert all(file.read_bytes()[_VERSION_AT] == FORMAT_VERSION for file in index_files(tmp_path))


def test_a_merge_of_numbers_and_integers_keeps_all_rows(tmp_path, rows):
    store = opened(tmp_path)
    store.add(np.arange(0, 2 * _ROWS, 2), rows)
    store.add(np.arange(1, 401, 2), rows[:200])
    store.delete(np.arange(0, 100, 4))
    expected = store.keys()
    _, before = store.get(expected)
    store.compact()
    found, after = store.get(expected)
    assert np.array_equal(store.keys(), expected)
    assert found.all()
    assert np.abs(after - before).max() < _LOSS
    store.close()


def test_what_is_left_of_a_large_segment_is_small_again(tmp_path, rows):
    store = opened(tmp_path)
    store.add(np.arange(_ROWS), rows)
    store.delete(np.arange(1_000, _ROWS))
    store.compact()
    assert np.abs(store.get(np.arange(1_000))[1] - rows[:1_000]).max() < _LOSS
    assert store.search_mode == "exact"
    store.close()


@pytest.mark.parametrize("array", ["rows", "scales", "signs_0"])
def test_a_damaged_byte_costs_only_its_rows(tmp_path, rows, array):
    store = opened(tmp_path)
    store.add(np.arange(_ROWS), rows)
    stored = {name: part.copy() for name, part in store._directory.live[0].segment.arrays.items()}
    store.close()
    (victim,) = tmp_path.glob("*.segment")
    data = bytearray(victim.read_bytes())
    data[data.index(stored[array][900:902].tobytes())] ^= 0xFF
    victim.write_bytes(data)
    store = opened(tmp_path)
    lost = {"rows": 1, "scales": 8, "signs_0": 0}[array]
    assert len(store) == _ROWS - lost
    assert bool(store.problems) == bool(lost)
    assert store.search(rows[5], 1).keys.tolist() == [5]
    store.close()


def test_a_newer_format_is_left_alone(tmp_path, rows):
    store = opened(tmp_path)
    store.add(np.arange(10), rows[:10])
    store.close()
    set_version(tmp_path, FORMAT_VERSION + 1)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(IndexNewerError, match="format 3"):
        opened(tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


CONVERTER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from codekin.storage.vectors.flat import FlatIndex
    store = FlatIndex.open(Path(sys.argv[1]), dim=int(sys.argv[2]), embedder="m", writable=True)
    print("opened", flush=True)
    store.compact()
    print("compacted", flush=True)
    """
)


@pytest.mark.slow
def test_a_kill_during_conversion_loses_nothing(tmp_path, rows):
    rng = np.random.default_rng(0)
    in_version_1(tmp_path, rows)
    for _ in range(8):
        command = [sys.executable, "-c", CONVERTER, str(tmp_path), str(_DIM)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "opened\n"
            with suppress(subprocess.TimeoutExpired):
                process.wait(float(rng.uniform(0, 0.1)))
            process.kill()
        store = opened(tmp_path, writable=False)
        assert not store.problems
        assert np.array_equal(store.keys(), np.arange(_ROWS))
        assert np.abs(store.get(store.keys())[1] - rows).max() < _LOSS
        store.close()
