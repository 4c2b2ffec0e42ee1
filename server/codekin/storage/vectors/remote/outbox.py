"""The queue of changes between a server and the local copy, as sets of keys."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from codekin.domain.ports import Keys, Mask
from codekin.storage.vectors.remote.key_file import KeyFile

_NONE: Keys = np.empty(0, np.int64)


class Outbox:
    """Four sets of keys, each ascending.

    - `unsent`: rows of the copy to be sent to the server.
    - `wanted`: rows of the server to be copied.
    - `to_delete`: rows to be deleted on the server.
    - `on_server`: rows that the server had when it last answered.

    Only `on_server` and `to_delete` are files; the others are computed. Any thread may call. A set
    is replaced and never modified in place; to read several consistently, take `lock`.
    """

    def __init__(self, directory: Path, *, writable: bool) -> None:
        self.lock = threading.RLock()
        self.writable = writable
        """Whether this process may write the files."""
        self._on_server_file, self._to_delete_file = KeyFile(directory / "seen.keys"), KeyFile(directory / "gone.keys")
        self.on_server, self.to_delete = self._on_server_file.read(), self._to_delete_file.read()
        self.unsent, self.wanted = _NONE, _NONE

    @property
    def has_answered(self) -> bool:
        """Whether the server has ever answered."""
        return self._on_server_file.exists()

    def __len__(self) -> int:
        """Return the number of changes queued for the server."""
        return len(self.unsent) + len(self.to_delete)

    def not_to_delete(self, keys: Keys) -> Mask:
        """Return which keys are not to be deleted on the server."""
        return ~np.isin(keys, self.to_delete)

    def added(self, keys: Keys) -> None:
        """Record rows that were added to the copy; `keys` are ascending."""
        with self.lock:
            self._set_to_delete(_without(self.to_delete, keys))
            self.unsent = np.union1d(self.unsent, keys)

    def deleted(self, keys: Keys) -> None:
        """Record rows that were deleted from the copy; they are not sent any more."""
        with self.lock:
            self.unsent, self.wanted = _without(self.unsent, keys), _without(self.wanted, keys)

    def sent(self, keys: Keys) -> None:
        """Record rows that were sent to the server."""
        with self.lock:
            self.unsent = _without(self.unsent, keys)

    def request(self, keys: Keys) -> None:
        """Request copies of rows that only the server has."""
        with self.lock:
            self.wanted = np.union1d(self.wanted, keys)

    def copied(self, keys: Keys) -> None:
        """Record that requested rows were copied, as far as the server has them."""
        with self.lock:
            self.wanted = _without(self.wanted, keys)

    def queue_deletion(self, keys: Keys) -> None:
        """Queue rows to be deleted on the server."""
        with self.lock:
            self._set_to_delete(np.union1d(self.to_delete, keys))

    def deletion_sent(self, keys: Keys) -> None:
        """Record rows that the server deleted."""
        with self.lock:
            self._set_to_delete(_without(self.to_delete, keys))

    def update(self, server_keys: Keys, copy_keys: Keys) -> None:
        """Compute the queue from the keys of both sides.

        A row that was replaced in the copy is queued although both sides have its key.
        """
        with self.lock:
            replaced = np.intersect1d(self.unsent, copy_keys, assume_unique=True)
            self.unsent = np.union1d(_without(copy_keys, server_keys), replaced)
            self._set_to_delete(_without(np.intersect1d(self.to_delete, server_keys, assume_unique=True), copy_keys))

    def set_on_server(self, keys: Keys) -> None:
        """Record the rows of the server, for a start without it."""
        unchanged = np.array_equal(keys, self.on_server) and self.has_answered
        self.on_server = keys
        if self.writable and not unchanged:
            self._on_server_file.write(keys)

    def _set_to_delete(self, keys: Keys) -> None:
        if len(keys) != len(self.to_delete):
            self.to_delete = keys
            if self.writable:
                self._to_delete_file.write(keys)


def _without(keys: Keys, others: Keys) -> Keys:
    return np.setdiff1d(keys, others, assume_unique=True)
