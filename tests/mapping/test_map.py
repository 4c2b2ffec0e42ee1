"""The map of a real index: which chunks it shows, where they open, and that it is stable."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from codekin.errors import CancelledError
from codekin.mapping.neighbours import nearest
from codekin.searching import vectors_of
from support.engines import engine_opener, open_indexed


@pytest.fixture
async def open_engine():
    async with engine_opener(open_indexed, embedder="static") as opened:
        yield opened


def trustworthiness(rows, places, k):
    """Return 1 if all near points are truly near; 0.5 is chance (Venna and Kaski, 2001)."""
    count = len(rows)
    rank = np.argsort(np.argsort(((rows[:, None] - rows[None]) ** 2).sum(axis=2), axis=1), axis=1)
    beside = np.argsort(((places[:, None] - places[None]) ** 2).sum(axis=2), axis=1)[:, 1 : k + 1]
    intrusion = np.maximum(np.take_along_axis(rank, beside, axis=1) - k, 0).sum()
    return 1 - 2 * intrusion / (count * k * (2 * count - 3 * k - 1))


async def test_near_in_meaning_is_near_on_the_map(open_engine, sample):
    engine = await open_engine(sample)
    found = await engine.map()
    view = engine.views()[0]
    by_place = {
        (view.blocks[view.node_file[at]].record.path, view.node(at).start_line): at for at in range(len(view.node_file))
    }
    nodes = [by_place[found.files[point.file].path, point.start_line] for point in found.points]
    rows = vectors_of(view, np.array(nodes, np.int32))
    places = np.array([(point.x, point.y) for point in found.points])
    assert trustworthiness(rows, places, 7) > 0.8
    shuffled = np.random.default_rng(0).permutation(places)
    assert trustworthiness(rows, shuffled, 7) < 0.6
    near = nearest(rows, rows, 2)[0][:, 1]
    apart = np.linalg.norm(places - places[near], axis=1)
    by_chance = np.linalg.norm(places - shuffled, axis=1)
    assert np.median(apart) < 0.5 * np.median(by_chance)


async def test_contains_what_a_client_needs(open_engine, sample):
    found = await (await open_engine(sample)).map()
    assert len(found.points) == found.total > 50
    assert {"api", "web", ""} <= set(found.groups)
    retry = next(point for point in found.points if point.symbol == "call_with_retry")
    file = found.files[retry.file]
    assert (file.root, file.path, found.groups[file.group]) == (str(sample), "api/parcelpost/carriers.py", "api")
    lines = (sample / file.path).read_text().split("\n")
    assert "def call_with_retry" in "\n".join(lines[retry.start_line : retry.end_line])
    assert {point.kind for point in found.points} == {"code", "test"}


async def test_the_same_index_gives_the_same_map(open_engine, sample):
    one, other = await (await open_engine(sample)).map(), await (await open_engine(sample)).map()
    assert one == other


async def test_a_changed_file_leaves_the_rest_in_place(open_engine, sample):
    engine = await open_engine(sample)
    before = await engine.map()
    path = sample / "api/parcelpost/carriers.py"
    path.write_text(path.read_text() + "\n\ndef whisper(parcel):\n    return parcel.weight * 0\n")
    await engine.files_changed([path])
    after = await engine.map()
    assert after.revision != before.revision
    old = {(before.files[point.file].path, point.symbol, point.end_line): (point.x, point.y) for point in before.points}
    moved = [
        np.hypot(point.x - old[at][0], point.y - old[at][1])
        for point in after.points
        if (at := (after.files[point.file].path, point.symbol, point.end_line)) in old
    ]
    assert len(moved) > 0.9 * len(before.points)
    extent = np.std([point.x for point in before.points])
    assert np.median(moved) < 0.2 * extent


async def test_a_renamed_file_moves_no_point(open_engine, sample):
    engine = await open_engine(sample)
    before = await engine.map()
    old, new = sample / "api/parcelpost/carriers.py", sample / "api/parcelpost/couriers.py"
    old.rename(new)
    await engine.files_changed([old, new])
    after = await engine.map()
    assert after.revision != before.revision
    assert {(point.x, point.y, point.symbol) for point in after.points} == {
        (point.x, point.y, point.symbol) for point in before.points
    }


async def test_an_empty_index_gives_an_empty_map(open_engine, tmp_path):
    found = await (await open_engine(tmp_path, embedder="hashing")).map()
    assert (found.points, found.files, found.groups, found.total) == ((), (), (), 0)


async def test_one_chunk(open_engine, tmp_path):
    (tmp_path / "a.py").write_text("def only():\n    return 1\n")
    found = await (await open_engine(tmp_path, embedder="hashing")).map()
    assert [point.symbol for point in found.points] == ["only"]


async def test_equal_chunks_have_different_places(open_engine, tmp_path):
    for name in "abcde":
        (tmp_path / f"{name}.py").write_text("def same(x):\n    return x + 1\n")
    found = await (await open_engine(tmp_path, embedder="hashing")).map()
    assert len(found.points) == 5
    assert len({(point.x, point.y) for point in found.points}) == 5


async def test_a_sample_is_shown_above_the_limit(open_engine, sample):
    engine = await open_engine(sample)
    found = await engine.map(limit=20)
    assert len(found.points) == 20
    assert found.total > 50
    assert {point.file for point in found.points} == set(range(len(found.files)))


async def test_two_roots_share_one_map(open_engine, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src" / "a.py").write_text(f"def {name}(x):\n    return x\n")
    found = await (await open_engine(tmp_path / "one", tmp_path / "two", embedder="hashing")).map()
    assert {file.root for file in found.files} == {str(tmp_path / "one"), str(tmp_path / "two")}
    assert set(found.groups) == {"one", "two"}


async def test_unsaved_text_is_on_the_map(open_engine, sample):
    engine = await open_engine(sample)
    await engine.update_buffer(sample / "web/src/fresh.ts", "export function hovering(a: number) {\n  return a;\n}\n")
    assert "hovering" in {point.symbol for point in (await engine.map()).points}


async def test_a_cancelled_map_stops(open_engine, sample):
    engine = await open_engine(sample)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        await engine.map(cancel=cancel)
