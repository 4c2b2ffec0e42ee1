"""A store on a server, with a copy on this machine: what the server cannot take waits in the copy, what it cannot answer is
answered from there.

Every row is written to the copy before it is sent, so nothing that was embedded depends on the server. Which rows wait is computed
from the keys of both; only the keys that the server is still to forget, and those it was last seen with, are files of their own.
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
from codekin.storage.flat import FlatIndex
from codekin.storage.key_file import KeyFile

_BATCH_ROWS = 2_000
"""Sent or copied at once: no more than these are ever in memory."""
_LOOK_S = 5.0
"""Between two looks at a server that answers."""
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 15.0
_SHARED_LOOK_S = 1.0
"""What others indexed is looked for at most this often before anything is embedded."""
_END_S = 2.0
_NONE: Keys = np.empty(0, np.int64)
_log = logging.getLogger(__name__)
T = TypeVar("T")


class ShelteredStore:
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
        self._writable = writable
        self._shared = shared
        self._seen_file, self._gone_file = KeyFile(directory / "seen.keys"), KeyFile(directory / "gone.keys")
        self._lock = threading.RLock()
        # One change at a time, with what is noted of it: a row that is deleted while the thread sends it would come back.
        self._changing = threading.Lock()
        self._remote: VectorStore | None = None
        self._failure = self._refusal = ""
        self._seen, self._gone, self._unsent, self._asked = self._seen_file.read(), self._gone_file.read(), _NONE, _NONE
        self._looked_at = 0.0
        self._left: list[VectorStore] = []
        self._wake, self._closing = threading.Event(), threading.Event()
        self.place, self.note = str(directory), "the server did not answer at the start"
        try:
            self._connect()
        except StoreAwayError as error:
            if not self._seen_file.exists():
                raise
            self._failure = _in_a_line(error)
            self._count()
        self._tender = threading.Thread(target=self._tend, name=f"codekin-{name}", daemon=True)
        self._tender.start()

    @property
    def dim(self) -> int:
        """Width of every row."""
        return self._copy.dim

    @property
    def manner(self) -> str:
        """For the status, as it is now."""
        words = [f"{len(self._copy):,} of its vectors are copied to this machine"]
        if self._refusal:
            words.append(f"{self._refusal} {len(self._unsent):,} vectors that it lacks are kept on this machine alone")
        return "; ".join(words)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is worse than it could be, each with its remedy."""
        mine = self._copy.problems
        if self._remote is not None:
            return (*mine, self._failure) if self._failure else mine
        missing = len(self) - len(self._copy)
        lacking = f", where {missing:,} of them are missing" if missing > 0 else ""
        waiting = len(self._unsent) + len(self._gone)
        words = (
            f"The vector store {self._name} does not answer: {self._failure}. Searches are answered from the copy on this machine"
            f"{lacking}; {waiting:,} changes wait there and are sent when it is back. Remedy: start the server, or mend the "
            "way to it; nothing has to be indexed again."
        )
        return (*mine, words)

    def __len__(self) -> int:
        with self._lock:
            held = len(self._seen) if self._remote is None else len(self._remote)
            return held + int((~self._remote_contains(self._unsent)).sum()) - len(self._gone)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `VectorStore.add`. The server's failure is none of the caller's: the rows are kept and wait."""
        self._check_writable()
        unique = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            self._copy.add(keys, vectors)
            with self._lock:
                self._set_gone(np.setdiff1d(self._gone, unique, assume_unique=True))
                self._unsent = np.union1d(self._unsent, unique)
            if len(unique) and not self._refusal and self._asking(lambda remote: self._put(remote, keys, vectors)):
                self._sent(unique)

    def delete(self, keys: Keys) -> None:
        """See `VectorStore.delete`."""
        self._check_writable()
        unique = np.unique(np.asarray(keys, np.int64))
        with self._changing:
            self._copy.delete(unique)
            with self._lock:
                held = unique[self._remote_contains(unique)]
                # What has not come to the server is forgotten; what it may hold in another form is not ours to take away.
                self._unsent = np.setdiff1d(self._unsent, unique, assume_unique=True)
                self._asked = np.setdiff1d(self._asked, unique, assume_unique=True)
            if self._shared or not len(held):
                return
            if not self._asking(lambda remote: self._drop(remote, held)):
                with self._lock:
                    self._set_gone(np.union1d(self._gone, held))

    def contains(self, keys: Keys) -> Mask:
        """See `VectorStore.contains`. What the server alone holds is copied from then on."""
        asked = np.asarray(keys, np.int64)
        here = self._copy.contains(asked)
        if here.all():
            return here
        there = self._there(asked)
        if self._shared and not (here | there).all() and self._look_again():
            there = self._there(asked)
        if self._writable and (there & ~here).any():
            with self._lock:
                self._asked = np.union1d(self._asked, asked[there & ~here])
            self._wake.set()
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
        with self._lock:
            held = self._remote.keys() if self._remote is not None else self._seen
            return np.setdiff1d(np.union1d(held, self._unsent), self._gone, assume_unique=True)

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`."""
        with self._lock:  # what waits is another matter for a server that has just come back, perhaps without its rows
            remote, gone, unsent = self._remote, self._gone, self._unsent
        if remote is None:
            return self._copy.search(query, k, allowed)
        wanted = allowed
        if len(gone):
            wanted = np.setdiff1d(remote.keys() if allowed is None else allowed, gone)
        hits = self._asking(lambda asked: asked.search(query, k, wanted), remote)
        if hits is None:
            return self._copy.search(query, k, allowed)
        if not len(unsent):
            return hits
        waiting = self._copy.search(query, k, unsent if allowed is None else np.intersect1d(unsent, allowed))
        kept = ~np.isin(hits.keys, unsent)
        keys = np.concatenate([hits.keys[kept], waiting.keys])
        scores = np.concatenate([hits.scores[kept], waiting.scores])
        order = np.lexsort((keys, -scores))[: max(k, 0)]
        return Hits(keys[order], scores[order])

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
        self._writable = False
        self._end()

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._end()
        with self._lock:
            remote, self._remote = self._remote, None
            if remote is not None:
                self._remember(remote.keys())
                remote.close()
            self._copy.close()
        self._let_go()

    def _end(self) -> None:
        self._closing.set()
        self._wake.set()
        self._tender.join(_END_S)

    def _tend(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._closing.is_set():
            try:
                self._let_go()
                self._look()
                self._exchange()
                retry_s, pause_s = _FIRST_RETRY_S, _LOOK_S
                if self._remote is not None:
                    self._failure = ""
            except (CodekinError, OSError) as error:
                self._failure = _in_a_line(error)
                retry_s, pause_s = min(2 * retry_s, _LAST_RETRY_S), retry_s
            self._wake.wait(pause_s)
            self._wake.clear()
        self._let_go()

    def _look(self) -> None:
        """Raises IndexUnavailableError while the server does not answer."""
        remote = self._remote
        if remote is None:
            self._connect()
            _log.info("%s answers", self._name)
        elif self._asking(lambda asked: asked.refresh()):
            self._count()

    def _exchange(self) -> None:
        """Brings the server what waits, and the copy what was asked for, in batches."""
        while self._writable and self._remote is not None and not self._closing.is_set():
            with self._changing:
                with self._lock:
                    gone, asked = self._gone, self._asked[:_BATCH_ROWS]
                    unsent = _NONE if self._refusal else self._unsent[:_BATCH_ROWS]
                if not (len(gone) or len(unsent) or len(asked)):
                    return
                self._send_gone(gone)
                self._send(unsent)
                self._copy_rows(asked)

    def _send_gone(self, gone: Keys) -> None:
        if len(gone) and self._asking(lambda remote: self._drop(remote, gone)):
            with self._lock:
                self._set_gone(np.setdiff1d(self._gone, gone, assume_unique=True))

    def _send(self, unsent: Keys) -> None:
        found, rows = self._copy.get(unsent)
        keys, rows = unsent[found], np.ascontiguousarray(rows[found])
        if len(unsent) and self._asking(lambda remote: self._put(remote, keys, rows)):
            self._sent(unsent)

    def _copy_rows(self, asked: Keys) -> None:
        fetched = self._asking(lambda remote: remote.get(asked)) if len(asked) else None
        if fetched:
            found, rows = fetched
            self._copy.add(asked[found], np.ascontiguousarray(rows[found]))
            with self._lock:
                self._asked = np.setdiff1d(self._asked, asked, assume_unique=True)

    def _connect(self) -> None:
        remote = self._open_remote()
        with self._lock:
            if self._closing.is_set():
                remote.close()
                return
            self._remote, self._failure = remote, ""
            self._refusal = str(getattr(remote, "refusal", ""))
            self.place = str(getattr(remote, "place", self.place))
            self.note = str(getattr(remote, "note", ""))
            self._remember(remote.keys())
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
        with self._lock:
            if self._remote is not remote:
                return
            self._remote, self._failure = None, _in_a_line(error)
            self._remember(remote.keys())
            self._left.append(remote)  # closed by the thread: that may take seconds
        _log.warning("%s does not answer: %s", self._name, self._failure)
        self._wake.set()

    def _let_go(self) -> None:
        while self._left:
            with suppress(CodekinError):
                self._left.pop().close()

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

    def _sent(self, keys: Keys) -> None:
        with self._lock:
            self._unsent = np.setdiff1d(self._unsent, keys, assume_unique=True)

    def _count(self) -> None:
        """Computes what waits, from the keys of both sides."""
        with self._lock:
            held, here = (self._remote.keys() if self._remote is not None else self._seen), self._copy.keys()
            replaced = np.intersect1d(self._unsent, here, assume_unique=True)
            self._unsent = np.union1d(np.setdiff1d(here, held, assume_unique=True), replaced)
            self._set_gone(np.setdiff1d(np.intersect1d(self._gone, held, assume_unique=True), here, assume_unique=True))

    def _set_gone(self, keys: Keys) -> None:
        if len(keys) != len(self._gone):
            self._gone = keys
            if self._writable:
                self._gone_file.write(keys)

    def _remember(self, keys: Keys) -> None:
        """For the next start, which may find no server."""
        known = np.array_equal(keys, self._seen) and self._seen_file.exists()
        self._seen = keys
        if self._writable and not known:
            self._seen_file.write(keys)

    def _there(self, keys: Keys) -> Mask:
        with self._lock:
            there = self._remote_contains(keys)
            return there & ~np.isin(keys, self._gone) if len(self._gone) else there

    def _remote_contains(self, keys: Keys) -> Mask:
        if self._remote is not None:
            return self._remote.contains(keys)
        return np.isin(keys, self._seen)

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
        if not self._writable:
            raise IndexUnavailableError(f"{self.place} was opened for reading.")


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
