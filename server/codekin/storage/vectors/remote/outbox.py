"""What is still to be done between a server and the copy on this machine, as sets of keys."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from codekin.domain.ports import Keys, Mask
from codekin.storage.vectors.remote.key_file import KeyFile

_NONE: Keys = np.empty(0, np.int64)


class Outbox:
    """Rows of `unsent` wait in the copy for the server, those of `asked` on the server for the copy; those of `gone` the server is to
    forget; `seen` it held when it last answered. All ascending. Only `seen` and `gone` are files, the others are computed.

    Any thread may call. A set is replaced and never changed; where several have to agree, they are read while holding `lock`.
    """

    def __init__(self, directory: Path, *, writable: bool) -> None:
        self.lock = threading.RLock()
        self.writable = writable
        """Whether the files are this one's to write."""
        self._seen_file, self._gone_file = KeyFile(directory / "seen.keys"), KeyFile(directory / "gone.keys")
        self.seen, self.gone = self._seen_file.read(), self._gone_file.read()
        self.unsent, self.asked = _NONE, _NONE

    @property
    def known(self) -> bool:
        """Whether the server was ever there."""
        return self._seen_file.exists()

    def __len__(self) -> int:
        """Changes that the server is to be told of."""
        return len(self.unsent) + len(self.gone)

    def not_gone(self, keys: Keys) -> Mask:
        """Which of the keys the server is not to forget."""
        return ~np.isin(keys, self.gone)

    def added(self, keys: Keys) -> None:
        """To the copy, under these keys, ascending."""
        with self.lock:
            self._set_gone(_without(self.gone, keys))
            self.unsent = np.union1d(self.unsent, keys)

    def deleted(self, keys: Keys) -> None:
        """From the copy: what has not come to the server is forgotten."""
        with self.lock:
            self.unsent, self.asked = _without(self.unsent, keys), _without(self.asked, keys)

    def sent(self, keys: Keys) -> None:
        """To the server."""
        with self.lock:
            self.unsent = _without(self.unsent, keys)

    def ask(self, keys: Keys) -> None:
        """Rows that only the server holds are wanted here."""
        with self.lock:
            self.asked = np.union1d(self.asked, keys)

    def copied(self, keys: Keys) -> None:
        """From the server, as far as it had them."""
        with self.lock:
            self.asked = _without(self.asked, keys)

    def forget(self, keys: Keys) -> None:
        """The server was not told that these are deleted."""
        with self.lock:
            self._set_gone(np.union1d(self.gone, keys))

    def forgotten(self, keys: Keys) -> None:
        """By the server."""
        with self.lock:
            self._set_gone(_without(self.gone, keys))

    def count(self, held: Keys, here: Keys) -> None:
        """Computes what waits, from the keys of both sides. A row that was replaced here waits though both have its key."""
        with self.lock:
            replaced = np.intersect1d(self.unsent, here, assume_unique=True)
            self.unsent = np.union1d(_without(here, held), replaced)
            self._set_gone(_without(np.intersect1d(self.gone, held, assume_unique=True), here))

    def saw(self, keys: Keys) -> None:
        """What the server holds, for the next start, which may find none."""
        known = np.array_equal(keys, self.seen) and self.known
        self.seen = keys
        if self.writable and not known:
            self._seen_file.write(keys)

    def _set_gone(self, keys: Keys) -> None:
        if len(keys) != len(self.gone):
            self.gone = keys
            if self.writable:
                self._gone_file.write(keys)


def _without(keys: Keys, others: Keys) -> Keys:
    return np.setdiff1d(keys, others, assume_unique=True)
