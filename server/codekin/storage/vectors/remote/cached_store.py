"""A store on a server with a copy on this machine, which is the fallback while the server is down.

Every row is written to the copy before it is sent, so no embedding depends on the server. The
queued changes are computed from the keys of both sides; see `outbox.py`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from codekin.domain.ports import Hits, Keys, Mask, Vectors, VectorStore
from codekin.errors import CodekinError, IndexUnavailableError, StoreAwayError, StoreReadOnlyError
from codekin.storage.top_k import best_of
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.remote.outbox import Outbox
from codekin.storage.vectors.remote.retry_loop import RetryLoop

_BATCH_ROWS = 2_000
"""Rows sent or copied at once, which bounds the memory used."""
_SHARED_REFRESH_S = 1.0
"""Minimum time between two checks for rows of other workspaces, made before anything is embedded.
"""
_log = logging.getLogger(__name__)
T = TypeVar("T")


class CachedRemoteStore:
    """`VectorStore`: the server answers while it is reachable, else the copy does.

    Nothing is deleted on a server that is `shared` with other workspaces. A background thread
    checks whether the server answers, sends queued changes, and copies rows that were requested by
    key.
    """

    def __init__(
        self,
        name: str,
        directory: Path,
        copy: FlatIndex,
        open_remote: Callable[[], VectorStore],
        *,
        writable: bool,
        shared: bool,
    ) -> None:
        """Raise StoreAwayError if the server does not answer and never has.

        Also raises IndexUnavailableError, SettingsError.
        """
        self._name = name
        self._copy = copy
        self._open_remote = open_remote
        self._shared = shared
        self._outbox = Outbox(directory, writable=writable)
        # One change at a time: a row deleted while the thread sends it would reappear.
        self._changing = threading.Lock()
        self._remote: VectorStore | None = None
        self._failure = self._refusal = self._health = ""
        self._shared_refresh_s = 0.0
        self._disconnected: list[VectorStore] = []
        self._closed = False
        self._retry_loop = RetryLoop(f"codekin-{name}", self._synchronize, self._set_failure)
        self.place, self.note = str(directory), "the server did not answer at start-up"
        try:
            self._connect()
        except StoreAwayError as error:
            if not self._outbox.has_answered:
                what = str(error).rstrip(".")
                raise StoreAwayError(f"{what}. To fix: check the address, the server and the network.") from error
            self._set_failure(error)
            self._update_outbox()
        self._retry_loop.start()

    @property
    def dim(self) -> int:
        """Width of every row."""
        return self._copy.dim

    @property
    def search_mode(self) -> str:
        """The current state of the copy, for the status."""
        words = [f"{len(self._copy):,} vectors are copied to this machine"]
        if self._health and self._remote is not None:
            words.append(self._health)
        if self._refusal:
            unsent = len(self._outbox.unsent)
            words.append(f"{self._refusal} {unsent:,} vectors exist only on this machine")
        return "; ".join(words)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is degraded, each with what to do."""
        mine = self._copy.problems
        if self._remote is not None:
            return (*mine, self._failure) if self._failure else mine
        missing = len(self) - len(self._copy)
        lacking = f", which lacks {missing:,} vectors" if missing > 0 else ""
        words = (
            f"The vector store {self._name} does not answer: {self._failure}. Searching the local copy{lacking}. "
            f"{len(self._outbox):,} changes are queued. To fix: check the server and the network. "
            "No re-indexing is needed."
        )
        return (*mine, words)

    @property
    def queued(self) -> int:
        """Number of changes that the server does not have yet."""
        return len(self._outbox)

    def __len__(self) -> int:
        with self._outbox.lock:
            on_server = len(self._outbox.on_server) if self._remote is None else len(self._remote)
            to_delete = int(self._known_to_server(self._outbox.to_delete).sum())
            return on_server + int((~self._known_to_server(self._outbox.unsent)).sum()) - to_delete

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `VectorStore.add`. If the server fails, the rows are queued and the call succeeds."""
        self._check_writable()
        unique = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            self._copy.add(keys, vectors)
            self._outbox.added(unique)
            if (
                len(unique)
                and not self._refusal
                and self._call_server(lambda remote: self._try_add(remote, keys, vectors))
            ):
                self._outbox.sent(unique)

    def delete(self, keys: Keys) -> None:
        """See `VectorStore.delete`."""
        self._check_writable()
        unique = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            self._copy.delete(unique)
            with self._outbox.lock:
                # A row whose sending was not confirmed may have arrived all the same.
                doubtful = self._remote is None and np.isin(unique, self._outbox.unsent)
                on_server = unique[self._known_to_server(unique) | doubtful]
                self._outbox.deleted(unique)
            if self._shared or not len(on_server):
                return
            if not self._call_server(lambda remote: self._try_delete(remote, on_server)):
                self._outbox.queue_deletion(on_server)

    def contains(self, keys: Keys) -> Mask:
        """See `VectorStore.contains`.

        Rows that only the server has are copied in the background.
        """
        requested = np.asarray(keys, np.int64)
        here = self._copy.contains(requested)
        if here.all():
            return here
        there = self._on_server(requested)
        if self._shared and not (here | there).all() and self._refresh_shared():
            there = self._on_server(requested)
        if self._outbox.writable and (there & ~here).any():
            self._outbox.request(requested[there & ~here])
            self._retry_loop.wake()
        either: Mask = here | there
        return either

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """See `VectorStore.get`: from the copy if possible."""
        requested = np.asarray(keys, np.int64)
        found, rows = self._copy.get(requested)
        if found.all():
            return found, rows
        elsewhere = np.flatnonzero(~found & self._on_server(requested))
        fetched = self._call_server(lambda remote: remote.get(requested[elsewhere])) if len(elsewhere) else None
        if fetched:
            places = elsewhere[fetched[0]]
            found[places], rows[places] = True, fetched[1][fetched[0]]
        return found, rows

    def keys(self) -> Keys:
        """See `VectorStore.keys`."""
        with self._outbox.lock:
            server_keys = self._outbox.on_server if self._remote is None else self._remote.keys()
            return np.setdiff1d(
                np.union1d(server_keys, self._outbox.unsent), self._outbox.to_delete, assume_unique=True
            )

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`."""
        with self._outbox.lock:  # The sets belong to this connection; a server may return without its rows.
            remote, to_delete, unsent = self._remote, self._outbox.to_delete, self._outbox.unsent
        if remote is None:
            return self._copy.search(query, k, allowed)
        wanted = allowed
        if len(to_delete) or len(unsent):
            # Keys are read before the search, so that rows added meanwhile cannot displace these.
            wanted = np.setdiff1d(remote.keys() if allowed is None else allowed, np.union1d(to_delete, unsent))
        hits = self._call_server(lambda server: server.search(query, k, wanted), remote)
        if hits is None:
            return self._copy.search(query, k, allowed)
        if k <= 0 or not len(unsent):
            return hits
        unsent_hits = self._copy.search(query, k, unsent if allowed is None else np.intersect1d(unsent, allowed))
        return Hits(*best_of([(hits.keys, hits.scores), (unsent_hits.keys, unsent_hits.scores)], k))

    def compact(self) -> None:
        """See `VectorStore.compact`. Only its owner compacts a shared collection."""
        self._check_writable()
        self._copy.compact()
        if not self._shared:
            self._call_server(lambda remote: remote.compact())

    def refresh(self) -> bool:
        """See `VectorStore.refresh`."""
        changed = self._copy.refresh()
        changed = bool(self._call_server(lambda remote: remote.refresh())) or changed
        if changed:
            self._update_outbox()
        return changed

    def retire(self) -> None:
        """See `VectorStore.retire`.

        Queued changes are sent by the next store, which finds them in the same copy. If this store
        sent them too, it could restore rows that the next one deletes.
        """
        self._outbox.writable = False
        self._retry_loop.end()

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._closed = True
        self._retry_loop.end()
        with self._outbox.lock:
            remote, self._remote = self._remote, None
            if remote is not None:
                self._outbox.set_on_server(remote.keys())
                remote.close()
            self._copy.close()
        self._close_disconnected()

    def _synchronize(self) -> None:
        """Reconnect if necessary, then send and copy what is queued.

        Raises IndexUnavailableError while the server does not answer.
        """
        self._close_disconnected()
        if self._remote is None:
            self._connect()
            _log.info("The vector store %s answers again", self._name)
        elif self._call_server(lambda remote: remote.refresh()):
            self._update_outbox()
        self._exchange()
        self._health = self._call_server(_health_of) or ""
        if self._remote is not None:
            self._failure = ""

    def _exchange(self) -> None:
        """Send queued changes to the server and copy requested rows from it, in batches."""
        outbox = self._outbox
        while outbox.writable and self._remote is not None and not self._retry_loop.ending:
            with self._changing:
                with outbox.lock:
                    to_delete, unsent, requested = (
                        outbox.to_delete,
                        outbox.unsent[:_BATCH_ROWS],
                        outbox.wanted[:_BATCH_ROWS],
                    )
                if self._refusal:
                    unsent = unsent[:0]
                if not (len(to_delete) or len(unsent) or len(requested)):
                    return
                self._send_deletions(to_delete)
                self._send(unsent)
                self._copy_rows(requested)

    def _send_deletions(self, to_delete: Keys) -> None:
        if len(to_delete) and self._call_server(lambda remote: self._try_delete(remote, to_delete)):
            self._outbox.deletion_sent(to_delete)

    def _send(self, unsent: Keys) -> None:
        found, rows = self._copy.get(unsent)
        keys, rows = unsent[found], np.ascontiguousarray(rows[found])
        if len(unsent) and self._call_server(lambda remote: self._try_add(remote, keys, rows)):
            self._outbox.sent(unsent)

    def _copy_rows(self, requested: Keys) -> None:
        fetched = self._call_server(lambda remote: remote.get(requested)) if len(requested) else None
        if fetched:
            found, rows = fetched
            self._copy.add(requested[found], np.ascontiguousarray(rows[found]))
            self._outbox.copied(requested)

    def _connect(self) -> None:
        remote = self._open_remote()
        with self._outbox.lock:
            if self._closed:
                remote.close()
                return
            self._remote, self._failure = remote, ""
            self._refusal = str(getattr(remote, "refusal", ""))
            self.place = str(getattr(remote, "place", self.place))
            self.note = str(getattr(remote, "note", ""))
            self._outbox.set_on_server(remote.keys())
            self._update_outbox()
        self._health = self._call_server(_health_of) or ""

    def _call_server(self, operation: Callable[[VectorStore], T], known: VectorStore | None = None) -> T | None:
        """Return the result of `operation`, or None if the server does not answer.

        After a failure the server is not called again until the background thread has reconnected.
        """
        remote = self._remote if known is None else known
        if remote is None:
            return None
        try:
            return operation(remote)
        except IndexUnavailableError as error:
            self._disconnect(remote, error)
            return None

    def _disconnect(self, remote: VectorStore, error: IndexUnavailableError) -> None:
        with self._outbox.lock:
            if self._remote is not remote:
                return
            self._remote = None
            self._set_failure(error)
            self._outbox.set_on_server(remote.keys())
            self._disconnected.append(remote)  # Closed by the thread, since that may take seconds.
        _log.warning("The vector store %s does not answer: %s. Searching the local copy.", self._name, self._failure)
        self._retry_loop.wake()

    def _set_failure(self, error: Exception) -> None:
        self._failure = " ".join(str(error).split()).rstrip(".")

    def _close_disconnected(self) -> None:
        left, self._disconnected = self._disconnected, []
        for remote in left:
            with suppress(CodekinError):
                remote.close()

    def _try_add(self, remote: VectorStore, keys: Keys, rows: Vectors) -> bool:
        try:
            remote.add(keys, rows)
        except StoreReadOnlyError as error:
            self._refusal = str(error)
            return False
        return True

    def _try_delete(self, remote: VectorStore, keys: Keys) -> bool:
        try:
            remote.delete(keys)
        except StoreReadOnlyError as error:
            self._refusal = str(error)
        return True

    def _update_outbox(self) -> None:
        with self._outbox.lock:
            outbox = self._outbox
            # Until the server answers, rows to be deleted there are assumed to exist.
            server_keys = (
                np.union1d(outbox.on_server, outbox.to_delete) if self._remote is None else self._remote.keys()
            )
            outbox.update(server_keys, self._copy.keys())

    def _on_server(self, keys: Keys) -> Mask:
        with self._outbox.lock:
            there: Mask = self._known_to_server(keys) & self._outbox.not_to_delete(keys)
            return there

    def _known_to_server(self, keys: Keys) -> Mask:
        """Return which keys the server has, as far as is known."""
        if self._remote is not None:
            return self._remote.contains(keys)
        return np.isin(keys, self._outbox.on_server)

    def _refresh_shared(self) -> bool:
        """Load what other workspaces have sent; return whether there was anything new."""
        now = time.monotonic()
        if now - self._shared_refresh_s < _SHARED_REFRESH_S:
            return False
        self._shared_refresh_s = now
        changed = bool(self._call_server(lambda remote: remote.refresh()))
        if changed:
            self._update_outbox()
        return changed

    def _check_writable(self) -> None:
        if not self._outbox.writable:
            raise IndexUnavailableError(f"{self.place} was opened read-only.")


def _health_of(remote: VectorStore) -> str:
    """Return the state of the server, for the status, or ""."""
    described = getattr(remote, "health", None)
    return str(described()) if described else ""
