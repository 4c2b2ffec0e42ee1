"""Vectors for the tests of stores, and a state machine of writes with the expected contents."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from codekin.storage.vectors.registry import open_vectors

DIM = 16
MOST_KEYS = 31
_STEP = 20


def unit(rng, count, dim=DIM):
    rows = rng.standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@contextmanager
def store_opener(name, path):
    """Yield a function that opens the vector store at `path`, and close open ones at the end."""
    with ExitStack() as open_stores:

        def opened(*, writable=True, embedder="test-1", dim=DIM):
            store = open_vectors(name, path, dim=dim, embedder=embedder, writable=writable).store
            open_stores.callback(store.close)
            return store

        yield opened


def add_in_steps(store, rows, added):
    """Add the rows in small steps, and record their numbers in `added` for other threads."""
    for start in range(0, len(rows), _STEP):
        store.add(np.arange(start, start + _STEP), rows[start : start + _STEP])
        added.extend(range(start, start + _STEP))


class WritingMachine(RuleBasedStateMachine):
    """Any sequence of writes, on a store that is reopened at will."""

    name = ""
    directory = None

    def __init__(self):
        super().__init__()
        self.path = self.directory.mktemp("machine")
        self.store = self.open()
        self.oracle = {}
        self.rng = np.random.default_rng(0)

    def open(self):
        raise NotImplementedError

    def rows(self, keys):
        """What is added under these keys."""
        return unit(self.rng, len(keys))

    @rule(keys=st.lists(st.integers(0, MOST_KEYS - 1), min_size=1, max_size=12))
    def add(self, keys):
        rows = self.rows(keys)
        self.store.add(np.array(keys, dtype=np.int64), rows)
        self.oracle.update(zip(keys, rows, strict=True))

    @rule(keys=st.lists(st.integers(0, MOST_KEYS - 1), max_size=6))
    def delete(self, keys):
        self.store.delete(np.array(keys, dtype=np.int64))
        for key in keys:
            self.oracle.pop(key, None)

    @rule()
    def reopen(self):
        self.store.close()
        self.store = self.open()

    @invariant()
    def holds_what_was_written(self):
        keys = self.held()[0]
        assert np.array_equal(self.store.keys(), keys)
        assert len(self.store) == len(keys)
        asked = np.arange(MOST_KEYS)
        assert np.array_equal(np.flatnonzero(self.store.contains(asked)), keys)
        found, got = self.store.get(asked)
        assert np.array_equal(np.flatnonzero(found), keys)
        assert np.array_equal(got[found], self.held()[1])

    def held(self):
        """(keys, rows), ascending."""
        keys = np.array(sorted(self.oracle), dtype=np.int64)
        return keys, np.array([self.oracle[key] for key in keys.tolist()], np.float32).reshape(len(keys), DIM)

    def teardown(self):
        self.store.close()
