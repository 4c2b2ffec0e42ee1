"""A store on a server, with a copy on this machine: what the server cannot take waits in the copy, what it cannot answer is
answered from there.

Every row is written to the copy before it is sent, so nothing that was embedded depends on the server. Which rows wait is in
`outbox.py`, computed from the keys of both.
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
"""Sent or copied at once: no more than these are ever in memory."""
_SHARED_LOOK_S = 1.0
"""What others indexed is looked for at most this often before anything is embedded."""
_log = logging.getLogger(__name__)
T = TypeVar("T")


class CachedRemoteStore:
    """`VectorStore`: the server answers while it can. Where it is `shared` with other workspaces, nothing is deleted there.

    A thread of its own looks whether the server is there, sends what waits, and copies the rows that were asked for by key.
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
        """Raises StoreAwayError where the server does not answer and never has, IndexUnavailableError, SettingsError."""
        self._name = name
        self._copy = copy
        self._open_remote = open_remote
        self._shared = shared
        self._waiting = Outbox(directory, writable=writable)
        # One change at a time, with what is noted of it: a row that is deleted while the thread sends it would come back.
        self._changing = threading.Lock()
        self._remote: VectorStore | None = None
        self._failure = self._refusal = ""
        self._looked_at = 0.0
        self._left: list[VectorStore] = []
        self._closed = False
        self._tender = RetryLoop(f"codekin-{name}", self._tend, self._failed)
        self.place, self.note = str(directory), "the server did not answer at the start"
        try:
            self._connect()
        except StoreAwayError as error:
            if not self._waiting.known:
                raise
            self._failed(error)
            self._count()
        self._tender.start()

    @property
    def dim(self) -> int:
        """Width of every row."""
        return self._copy.dim

    @property
    def search_mode(self) -> str:
        """For the status, as it is now."""
        words = [f"{len(self._copy):,} of its vectors are copied to this machine"]
        if self._refusal:
            unsent = len(self._waiting.unsent)
            words.append(f"{self._refusal} {unsent:,} vectors that it lacks are kept on this machine alone")
        return "; ".join(words)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is worse than it could be, each with its remedy."""
        mine = self._copy.problems
        if self._remote is not None:
            return (*mine, self._failure) if self._failure else mine
        missing = len(self) - len(self._copy)
        lacking = f", where {missing:,} of them are missing" if missing > 0 else ""
        words = (
            f"The vector store {self._name} does not answer: {self._failure}. Searches are answered from the copy on this machine"
            f"{lacking}; {len(self._waiting):,} changes wait there and are sent when it is back. Remedy: start the server, or mend the "
            "way to it; nothing has to be indexed again."
        )
        return (*mine, words)

    def __len__(self) -> int:
        with self._waiting.lock:
            held = len(self._waiting.seen) if self._remote is None else len(self._remote)
            gone = int(self._held(self._waiting.gone).sum())
            return held + int((~self._held(self._waiting.unsent)).sum()) - gone

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `VectorStore.add`. The server's failure is none of the caller's: the rows are kept and wait."""
        self._check_writable()
        unique = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            self._copy.add(keys, vectors)
            self._waiting.added(unique)
            if len(unique) and not self._refusal and self._asking(lambda remote: self._put(remote, keys, vectors)):
                self._waiting.sent(unique)

    def delete(self, keys: Keys) -> None:
        """See `VectorStore.delete`."""
        self._check_writable()
        unique = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            self._copy.delete(unique)
            with self._waiting.lock:
                # One whose sending was not answered may have come there all the same.
                doubtful = self._remote is None and np.isin(unique, self._waiting.unsent)
                held = unique[self._held(unique) | doubtful]
                self._waiting.deleted(unique)
            if self._shared or not len(held):
                return
            if not self._asking(lambda remote: self._drop(remote, held)):
                self._waiting.forget(held)

    def contains(self, keys: Keys) -> Mask:
        """See `VectorStore.contains`. What the server alone holds is copied from then on."""
        asked = np.asarray(keys, np.int64)
        here = self._copy.contains(asked)
        if here.all():
            return here
        there = self._there(asked)
        if self._shared and not (here | there).all() and self._look_again():
            there = self._there(asked)
        if self._waiting.writable and (there & ~here).any():
            self._waiting.ask(asked[there & ~here])
            self._tender.wake()
        either: Mask = here | there
        return either

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """See `VectorStore.get`: from the copy where it can be."""
        asked = np.asarray(keys, np.int64)
        found, rows = self._copy.get(asked)
        if found.all():
            return found, rows
        elsewhere = np.flatnonzero(~found & self._there(asked))
        fetched = self._asking(lambda remote: remote.get(asked[elsewhere])) if len(elsewhere) else None
        if fetched:
            held = elsewhere[fetched[0]]
            found[held], rows[held] = True, fetched[1][fetched[0]]
        return found, rows

    def keys(self) -> Keys:
        """See `VectorStore.keys`."""
        with self._waiting.lock:
            held = self._waiting.seen if self._remote is None else self._remote.keys()
            return np.setdiff1d(np.union1d(held, self._waiting.unsent), self._waiting.gone, assume_unique=True)

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`."""
        with self._waiting.lock:  # what waits is another matter for a server that comes back, perhaps without its rows
            remote, gone, unsent = self._remote, self._waiting.gone, self._waiting.unsent
        if remote is None:
            return self._copy.search(query, k, allowed)
        wanted = allowed
        if len(gone) or len(unsent):
            # The server's keys are read before it is asked: rows that come to it meanwhile take the place of none of these.
            wanted = np.setdiff1d(remote.keys() if allowed is None else allowed, np.union1d(gone, unsent))
        hits = self._asking(lambda asked: asked.search(query, k, wanted), remote)
        if hits is None:
            return self._copy.search(query, k, allowed)
        if k <= 0 or not len(unsent):
            return hits
        waiting = self._copy.search(query, k, unsent if allowed is None else np.intersect1d(unsent, allowed))
        return Hits(*best_of([(hits.keys, hits.scores), (waiting.keys, waiting.scores)], k))

    def compact(self) -> None:
        """See `VectorStore.compact`. A shared collection is its owner's to tidy."""
        self._check_writable()
        self._copy.compact()
        if not self._shared:
            self._asking(lambda remote: remote.compact())

    def refresh(self) -> bool:
        """See `VectorStore.refresh`."""
        changed = self._copy.refresh()
        changed = bool(self._asking(lambda remote: remote.refresh())) or changed
        if changed:
            self._count()
        return changed

    def retire(self) -> None:
        """See `VectorStore.retire`. What waits is sent by the store that follows, which finds it in the same copy; sent from here as
        well, it would bring back what that one deletes.
        """
        self._waiting.writable = False
        self._tender.end()

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._closed = True
        self._tender.end()
        with self._waiting.lock:
            remote, self._remote = self._remote, None
            if remote is not None:
                self._waiting.saw(remote.keys())
                remote.close()
            self._copy.close()
        self._let_go()

    def _tend(self) -> None:
        """Raises IndexUnavailableError while the server does not answer."""
        self._let_go()
        if self._remote is None:
            self._connect()
            _log.info("%s answers", self._name)
        elif self._asking(lambda remote: remote.refresh()):
            self._count()
        self._exchange()
        if self._remote is not None:
            self._failure = ""

    def _exchange(self) -> None:
        """Brings the server what waits, and the copy what was asked for, in batches."""
        waiting = self._waiting
        while waiting.writable and self._remote is not None and not self._tender.ending:
            with self._changing:
                with waiting.lock:
                    gone, unsent, asked = waiting.gone, waiting.unsent[:_BATCH_ROWS], waiting.asked[:_BATCH_ROWS]
                if self._refusal:
                    unsent = unsent[:0]
                if not (len(gone) or len(unsent) or len(asked)):
                    return
                self._send_gone(gone)
                self._send(unsent)
                self._copy_rows(asked)

    def _send_gone(self, gone: Keys) -> None:
        if len(gone) and self._asking(lambda remote: self._drop(remote, gone)):
            self._waiting.forgotten(gone)

    def _send(self, unsent: Keys) -> None:
        found, rows = self._copy.get(unsent)
        keys, rows = unsent[found], np.ascontiguousarray(rows[found])
        if len(unsent) and self._asking(lambda remote: self._put(remote, keys, rows)):
            self._waiting.sent(unsent)

    def _copy_rows(self, asked: Keys) -> None:
        fetched = self._asking(lambda remote: remote.get(asked)) if len(asked) else None
        if fetched:
            found, rows = fetched
            self._copy.add(asked[found], np.ascontiguousarray(rows[found]))
            self._waiting.copied(asked)

    def _connect(self) -> None:
        remote = self._open_remote()
        with self._waiting.lock:
            if self._closed:
                remote.close()
                return
            self._remote, self._failure = remote, ""
            self._refusal = str(getattr(remote, "refusal", ""))
            self.place = str(getattr(remote, "place", self.place))
            self.note = str(getattr(remote, "note", ""))
            self._waiting.saw(remote.keys())
            self._count()

    def _asking(self, ask: Callable[[VectorStore], T], known: VectorStore | None = None) -> T | None:
        """None where the server does not answer; it is not asked again until it does."""
        remote = self._remote if known is None else known
        if remote is None:
            return None
        try:
            return ask(remote)
        except IndexUnavailableError as error:
            self._lose(remote, error)
            return None

    def _lose(self, remote: VectorStore, error: IndexUnavailableError) -> None:
        with self._waiting.lock:
            if self._remote is not remote:
                return
            self._remote = None
            self._failed(error)
            self._waiting.saw(remote.keys())
            self._left.append(remote)  # closed by the thread: that may take seconds
        _log.warning("%s does not answer: %s", self._name, self._failure)
        self._tender.wake()

    def _failed(self, error: Exception) -> None:
        self._failure = " ".join(str(error).split()).rstrip(".")

    def _let_go(self) -> None:
        left, self._left = self._left, []
        for remote in left:
            with suppress(CodekinError):
                remote.close()

    def _put(self, remote: VectorStore, keys: Keys, rows: Vectors) -> bool:
        try:
            remote.add(keys, rows)
        except StoreReadOnlyError as error:
            self._refusal = str(error)
            return False
        return True

    def _drop(self, remote: VectorStore, keys: Keys) -> bool:
        try:
            remote.delete(keys)
        except StoreReadOnlyError as error:
            self._refusal = str(error)
        return True

    def _count(self) -> None:
        with self._waiting.lock:
            waiting = self._waiting
            # What the server is to forget it may hold, as long as it has not said otherwise.
            held = np.union1d(waiting.seen, waiting.gone) if self._remote is None else self._remote.keys()
            waiting.count(held, self._copy.keys())

    def _there(self, keys: Keys) -> Mask:
        with self._waiting.lock:
            there: Mask = self._held(keys) & self._waiting.not_gone(keys)
            return there

    def _held(self, keys: Keys) -> Mask:
        """By the server, as far as is known."""
        if self._remote is not None:
            return self._remote.contains(keys)
        return np.isin(keys, self._waiting.seen)

    def _look_again(self) -> bool:
        """Takes up what others have sent meanwhile; True if there was anything."""
        now = time.monotonic()
        if now - self._looked_at < _SHARED_LOOK_S:
            return False
        self._looked_at = now
        changed = bool(self._asking(lambda remote: remote.refresh()))
        if changed:
            self._count()
        return changed

    def _check_writable(self) -> None:
        if not self._waiting.writable:
            raise IndexUnavailableError(f"{self.place} was opened for reading.")
