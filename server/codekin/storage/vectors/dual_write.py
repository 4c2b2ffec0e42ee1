"""Writing to two stores while one answers: moves an index to another store while it is in use."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import numpy as np

from codekin.domain.ports import Hits, Keys, Mask, Vectors, VectorStore
from codekin.errors import CodekinError

_ROWS_PER_BATCH = 1_000
_RETRY_S = 10.0
_log = logging.getLogger(__name__)


def bring_up_to_date(source: VectorStore, target: VectorStore, progress: Callable[[int, int], None]) -> int:
    """Make `target` equal to `source`; return how many rows changed.

    Missing rows are copied 1,000 at a time, and rows that are not in `source` are deleted. The
    difference is computed from the stores, so this can be interrupted at any point. `progress`
    receives the number of rows copied and the total. Keys are derived from content, so equal keys
    mean equal rows.
    """
    source_keys, target_keys = source.keys(), target.keys()
    missing = np.setdiff1d(source_keys, target_keys, assume_unique=True)
    surplus = np.setdiff1d(target_keys, source_keys, assume_unique=True)
    present = len(source_keys) - len(missing)
    progress(present, len(source_keys))
    for start in range(0, len(missing), _ROWS_PER_BATCH):
        keys = missing[start : start + _ROWS_PER_BATCH]
        found, rows = source.get(keys)
        target.add(keys[found], np.ascontiguousarray(rows[found]))
        progress(present + start + len(keys), len(source_keys))
    if len(surplus):
        target.delete(surplus)
    return len(missing) + len(surplus)


class DualWriteStore:
    """`VectorStore` of a primary with a mirror that receives every change.

    A mirror that cannot be written is behind until it answers again. Its missing rows are computed
    then, not recorded.
    """

    def __init__(self, primary: VectorStore, name: str, open_mirror: Callable[[], VectorStore]) -> None:
        self._primary = primary
        self._name = name
        self._open_mirror = open_mirror
        self._mirror: VectorStore | None = None
        self._lock = threading.Lock()
        self._failure = ""
        self._tried_at = 0.0
        self._behind = True
        self._update_mirror(lambda _: None)

    @property
    def dim(self) -> int:
        """Width of every row."""
        return self._primary.dim

    @property
    def both(self) -> tuple[VectorStore, VectorStore] | None:
        """Primary and mirror while the mirror is in sync, else None."""
        return (self._primary, self._mirror) if self._mirror is not None and not self._behind else None

    @property
    def place(self) -> str:
        """Location of the primary's rows, for the status."""
        return str(getattr(self._primary, "place", ""))

    @property
    def note(self) -> str:
        """Description of the mirror, for the status."""
        return f"every change is also written to {self._name}"

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with either store."""
        mine = getattr(self._primary, "problems", ())
        if not self._behind:
            return tuple(mine)
        return (
            *mine,
            f"{self._name} is behind: {self._failure.rstrip('.')}. It is brought up to date when it answers again.",
        )

    def __len__(self) -> int:
        return len(self._primary)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `VectorStore.add`."""
        self._primary.add(keys, vectors)
        self._update_mirror(lambda mirror: mirror.add(keys, vectors))

    def delete(self, keys: Keys) -> None:
        """See `VectorStore.delete`."""
        self._primary.delete(keys)
        self._update_mirror(lambda mirror: mirror.delete(keys))

    def contains(self, keys: Keys) -> Mask:
        """See `VectorStore.contains`."""
        return self._primary.contains(keys)

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """See `VectorStore.get`."""
        return self._primary.get(keys)

    def keys(self) -> Keys:
        """See `VectorStore.keys`."""
        return self._primary.keys()

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`."""
        return self._primary.search(query, k, allowed)

    def compact(self) -> None:
        """See `VectorStore.compact`."""
        self._primary.compact()
        self._update_mirror(lambda mirror: mirror.compact())

    def refresh(self) -> bool:
        """See `VectorStore.refresh`."""
        return self._primary.refresh()

    def retire(self) -> None:
        """See `VectorStore.retire`; the mirror answers no searches."""
        self._primary.retire()
        if self._mirror is not None:
            self._mirror.close()

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._primary.close()
        if self._mirror is not None:
            self._mirror.close()

    def _update_mirror(self, change: Callable[[VectorStore], None]) -> None:
        with self._lock:
            if self._behind and time.monotonic() - self._tried_at < _RETRY_S:
                return
            try:
                if self._mirror is None:  # An empty store is falsy.
                    self._mirror = self._open_mirror()
                if self._behind:
                    bring_up_to_date(self._primary, self._mirror, lambda _done, _total: None)
                else:
                    change(self._mirror)
                self._behind = False
            except (CodekinError, OSError) as error:
                if not self._behind:
                    _log.warning("Could not write to the mirror %s, which is now behind: %s", self._name, error)
                self._behind, self._failure, self._tried_at = True, str(error), time.monotonic()
