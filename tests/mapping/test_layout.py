"""The layout puts similar vectors together, is deterministic, and is stable under change."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from codekin.errors import CancelledError
from codekin.mapping import Positions, lay_out
from codekin.mapping.aligning import align
from codekin.mapping.groups import folder_groups
from codekin.mapping.neighbours import nearest


def clusters(count=600, kinds=6, dim=64, seed=1):
    """Return (keys, unit rows, the cluster of each): noise around a few directions."""
    random = np.random.default_rng(seed)
    which = random.integers(0, kinds, count)
    rows = random.normal(size=(kinds, dim))[which] + 0.6 * random.normal(size=(count, dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return np.sort(random.integers(0, 2**62, count)), rows.astype(np.float32), which


def test_nearest_agrees_with_brute_force():
    rows = np.random.default_rng(0).normal(size=(700, 5)).astype(np.float32)
    indices, distances = nearest(rows[:650], rows, 9)
    exact = ((rows[:650, None] - rows[None]) ** 2).sum(axis=2)
    assert np.allclose(distances, np.sort(exact, axis=1)[:, :9], atol=1e-4)
    assert np.allclose(np.take_along_axis(exact, indices, axis=1), distances, atol=1e-4)
    assert nearest(rows[:2], rows[:4], 9)[0].shape == (2, 4)


def test_similar_vectors_are_close():
    keys, rows, which = clusters()
    places = lay_out(keys, rows).places
    beside = nearest(places, places, 11)[0][:, 1:]
    assert (which[beside] == which[:, None]).mean() > 0.95


def test_points_other_than_landmarks_are_close_to_similar_ones():
    keys, rows, which = clusters(count=3_600)
    places = lay_out(keys, rows).places
    rest = np.arange(3_000, 3_600)
    beside = nearest(places[rest], places, 11)[0][:, 1:]
    assert (which[beside] == which[rest, None]).mean() > 0.95


def test_equal_input_gives_equal_places():
    keys, rows, _ = clusters()
    assert np.array_equal(lay_out(keys, rows).places, lay_out(keys, rows).places)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 13])
def test_few_vectors(count):
    keys, rows, _ = clusters(count=count)
    places = lay_out(keys, rows).places
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()


def test_equal_vectors_have_places():
    keys, rows, _ = clusters(count=40)
    rows[:] = rows[0]
    assert np.isfinite(lay_out(keys, rows).places).all()


def test_known_points_hardly_move():
    keys, rows, which = clusters()
    changed = np.zeros(len(keys), bool)
    changed[::30] = True
    before = lay_out(keys[~changed], rows[~changed])
    after = lay_out(keys, rows, before)
    moved = np.linalg.norm(after.places[~changed] - before.places, axis=1)
    extent = before.places.std()
    assert np.median(moved) < 0.1 * extent
    assert np.quantile(moved, 0.99) < 0.5 * extent
    beside = nearest(after.places[changed], after.places, 11)[0][:, 1:]
    assert (which[beside] == which[changed, None]).mean() > 0.9


def test_a_mostly_new_layout_starts_afresh_and_is_aligned_with_the_old_one():
    keys, rows, _ = clusters()
    whole = lay_out(keys, rows).places
    turned = Positions(keys[::3], whole[::3] @ np.array([[0, 1], [-1, 0]], np.float32) + 5)
    after = lay_out(keys, rows, turned)
    assert np.abs(after.places[::3] - turned.places).max() < 1e-2 * whole.std()


def test_align_reverses_rotation_and_mirroring():
    places = np.random.default_rng(3).normal(size=(50, 2)).astype(np.float32)
    target = places @ np.array([[0, 1], [1, 0]], np.float32) - 3
    assert np.allclose(align(places, np.arange(50), target), target, atol=1e-4)
    assert np.allclose(align(places, np.arange(2), target[:2]).mean(axis=0), 0, atol=1e-5)


def test_a_cancelled_layout_stops():
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        lay_out(*clusters()[:2], cancel=cancel)


def test_folders_are_the_top_ones():
    paths = ["api/a.py", "web/b.ts", "web/c/d.ts", "main.py"]
    assert folder_groups(paths, [2, 1, 1, 1]) == (["api", "web", ""], [0, 1, 1, 2])
    assert folder_groups([], []) == ([], [])


def test_a_dominant_folder_is_divided():
    paths = ["src/pkg/a/x.py", "src/pkg/b/y.py", "src/pkg/z.py", "docs/w.md"]
    names, group_of = folder_groups(paths, [5, 4, 3, 1])
    assert names == ["src/pkg/a", "src/pkg/b", "src/pkg", "docs"]
    assert group_of == [0, 1, 2, 3]


def test_surplus_folders_are_grouped_as_the_rest():
    paths = [f"f{number:02}/x.py" for number in range(30)]
    names, group_of = folder_groups(paths, [100 - number for number in range(30)])
    assert len(names) == 13
    assert names[-1] == ""
    assert set(group_of[12:]) == {12}
