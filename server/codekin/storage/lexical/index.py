"""BM25 over fields, incremental: postings by content key, in immutable segments.

score = sum over terms of idf * tf' * (k1 + 1) / (tf' + k1), tf' = sum over fields of weight * tf / (1 - b + b * length / mean
length), idf = ln(1 + (N - n + 0.5) / (n + 0.5)): BM25F as in Robertson and Zaragoza, "The Probabilistic Relevance
Framework" (2009), section 3.5, with the always positive idf.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Hits, Keys, Mask
from codekin.domain.values import Chunk
from codekin.storage.lexical.bm25 import BM25, Corpus, frequencies, totals
from codekin.storage.lexical.building import Draft, build
from codekin.storage.lexical.merging import merged
from codekin.storage.lexical.segment import FIELDS, Part, part_of
from codekin.storage.segment_file import memory_segment
from codekin.storage.segments import Live, SegmentDirectory
from codekin.storage.top_k import ascending, best, best_of

_KIND = "lexical-1"
_FAN_IN = 8
_MERGE_POSTINGS = 2_000_000
_MOST_VOLATILE = 4_000
_COMMON_SHARE = 0.5
"""A term in more than this share of all chunks says nothing; it is left out while the query has others."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LexicalView:
    """What a search runs on, immutable. Counts and means are of the chunks that are there, not of those that were. `beside` are
    views whose chunks are not found here, but count in how rare a word is.
    """

    parts: tuple[Part, ...]
    chunks: int
    means: tuple[float, ...]
    beside: tuple[LexicalView, ...] = ()

    def among(self, others: Iterable[LexicalView]) -> LexicalView:
        """The same chunks; a word is as rare as it is in these and the others together, so that scores of all can be compared."""
        return replace(self, beside=tuple(others))

    def restricted_to(self, keys: Keys) -> LexicalView:
        """Only the chunks with these keys (ascending): the live ones, where rows of vanished content are still stored."""
        masks = [_isin(part.keys, keys) for part in self.parts]
        return _view(
            part if part.alive is None and mask.all() else replace(part, alive=_both(part.alive, mask), norms={})
            for part, mask in zip(self.parts, masks, strict=True)
        )

    def search(self, terms: Iterable[int], k: int, allowed: Keys | None = None, params: BM25 | None = None) -> Hits:
        """The k best chunks that hold any of the terms (`terms_of` a query), only among `allowed` when given. A term that
        is asked for twice counts once.
        """
        scores_of = totals(
            self.parts, self._corpus, dict.fromkeys(terms, 1.0), _COMMON_SHARE, params or BM25(), self._elsewhere
        )
        scored = [_matching(part, total) for part, total in zip(self.parts, scores_of, strict=True)]
        if allowed is not None:
            wanted = ascending(allowed)
            scored = [(keys[inside], scores[inside]) for keys, scores in scored for inside in (_isin(keys, wanted),)]
        if k <= 0:
            scored = []
        return Hits(*best_of([best(keys, scores, k) for keys, scores in scored], k))

    def idfs(self, terms: Sequence[int]) -> list[float]:
        """How much each term tells: 0 for one that no chunk holds."""
        counts = frequencies([*self.parts, *self._elsewhere], np.array(terms, np.int64))
        return [self._corpus.idf(count) if count else 0.0 for count in counts]

    @property
    def _corpus(self) -> Corpus:
        return Corpus(self.chunks + sum(view.chunks for view in self.beside), self.means)

    @property
    def _elsewhere(self) -> list[Part]:
        return [part for view in self.beside for part in view.parts]


class LexicalIndex:
    """Any thread may read; one at a time writes. Raises IndexUnavailableError where files cannot be read or written."""

    def __init__(self, directory: SegmentDirectory) -> None:
        self._directory = directory
        self._lock = threading.RLock()
        self._volatile: dict[int, Chunk] = {}
        self._volatile_part: Part | None = None
        self._view = _view(())
        self._take()

    @classmethod
    def open(cls, directory: Path, *, writable: bool) -> LexicalIndex:
        """Opens or creates."""
        return cls(SegmentDirectory(directory, _KIND, writable=writable))

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found damaged at open, in words."""
        return self._directory.problems

    def __len__(self) -> int:
        return self._view.chunks

    def add(self, keys: Keys, chunks: Sequence[Chunk], *, volatile: bool = False) -> None:
        """Indexes chunks under their keys; known keys are left as they are. Committed on return; `volatile` ones are kept
        in memory alone (unsaved buffers), the latest few thousand of them.
        """
        given = dict(zip(keys.tolist(), chunks, strict=True))
        if volatile:
            self._keep(given)
        else:
            draft = self.draft()
            draft.take_in(given)
            self.commit(draft)

    def draft(self) -> Draft:
        """To be filled with chunks, of which those that are stored already are left out, and committed before anything else is."""
        return Draft(self.contains)

    def commit(self, draft: Draft, after: Callable[[], object] | None = None) -> None:
        """Stores what a draft holds. `after` is called when all is ready to be written, and what it raises leaves the index as
        it was.
        """
        if not len(draft):
            return
        with self._lock:
            built = draft.arrays()
            if after:
                after()
            self._directory.commit(add=[({}, built)])
            for key in draft.keys:
                self._volatile.pop(key, None)
            self._rebuild_volatile()
            self._take()
            self._merge_small()

    def delete(self, keys: Keys) -> None:
        """Forgets chunks; unknown keys are ignored."""
        with self._lock:
            deleted = {}
            for part in self._stored():
                found, slots = part.find(keys)
                if found.any():
                    before = np.empty(0, np.int32) if part.alive is None else np.flatnonzero(~part.alive)
                    deleted[part.name] = np.union1d(before, slots[found]).astype(np.int32)
            if deleted:
                self._directory.commit(deleted=deleted)
                self._take()

    def contains(self, keys: Keys) -> Mask:
        """Bool (n,): which keys are stored; volatile ones are not."""
        result = np.zeros(len(keys), dtype=np.bool_)
        for part in self._stored():
            result |= part.find(keys)[0]
        return result

    def keys(self) -> Keys:
        """Stored keys, ascending."""
        live = [part.keys if part.alive is None else part.keys[part.alive] for part in self._stored()]
        return np.sort(np.concatenate(live)) if live else np.empty(0, np.int64)

    def view(self, keys: Keys | None = None) -> LexicalView:
        """The chunks as they are now, or only those with these keys (ascending)."""
        return self._view if keys is None else self._view.restricted_to(keys)

    def compact(self) -> None:
        """One segment of what is not deleted. Safe to kill at any moment."""
        with self._lock:
            parts = self._stored()
            if len(parts) > 1 or any(part.alive is not None for part in parts):
                self._merge(parts)

    def refresh(self) -> bool:
        """Takes up what another process committed; True if there was anything."""
        with self._lock:
            changed = self._directory.refresh()
            if changed:
                # What another process has stored meanwhile would be counted twice.
                kept = np.fromiter(self._volatile, np.int64, len(self._volatile))
                self._take()
                for key in kept[self.contains(kept)].tolist():
                    del self._volatile[key]
                self._rebuild_volatile()
                self._take()
            return changed

    def close(self) -> None:
        """Idempotent."""
        with self._lock:
            self._view = _view(())
            self._directory.close()

    def _keep(self, chunks: Mapping[int, Chunk]) -> None:
        with self._lock:
            fresh = ~self.contains(np.fromiter(chunks, dtype=np.int64, count=len(chunks)))
            chosen = {key: chunk for (key, chunk), new in zip(chunks.items(), fresh.tolist(), strict=True) if new}
            if chosen:
                self._volatile.update(chosen)
                while len(self._volatile) > _MOST_VOLATILE:
                    del self._volatile[next(iter(self._volatile))]
                self._rebuild_volatile()
                self._take()

    def _stored(self) -> tuple[Part, ...]:
        return tuple(part for part in self._view.parts if part is not self._volatile_part)

    def _rebuild_volatile(self) -> None:
        kept = self._volatile
        self._volatile_part = (
            part_of(Live(memory_segment("", {}, build(kept)), np.empty(0, np.int32))) if kept else None
        )

    def _take(self) -> None:
        known = {part.name: part for part in self._view.parts}
        parts = [part_of(item, known.get(item.segment.name)) for item in self._directory.live]
        if self._volatile_part is not None:
            parts.append(self._volatile_part)
        self._view = _view(parts)

    def _merge_small(self) -> None:
        tiers: dict[int, list[Part]] = {}
        for part in self._stored():
            if len(part.rows) < _MERGE_POSTINGS:
                tiers.setdefault(int(np.log2(max(1, len(part.rows))) / 3), []).append(part)
        for parts in tiers.values():
            if len(parts) >= _FAN_IN:
                self._merge(tuple(parts))
                return

    def _merge(self, parts: Sequence[Part]) -> None:
        arrays = merged(parts)
        self._directory.commit(add=[({}, arrays)] if len(arrays["keys"]) else [], drop=[part.name for part in parts])
        self._take()


def _view(parts: Iterable[Part]) -> LexicalView:
    listed = tuple(parts)
    chunks = sum(len(part.keys) if part.alive is None else int(part.alive.sum()) for part in listed)
    sums = [
        sum(_total(item.lengths[at] if item.alive is None else item.lengths[at][item.alive]) for item in listed)
        for at in range(len(FIELDS))
    ]
    # Rounded, so that one more file does not throw away the norms of all segments.
    return LexicalView(listed, chunks, tuple(float(f"{total / max(1, chunks):.2g}") for total in sums))


def _total(lengths: Floats) -> float:
    """Exact, since lengths are whole numbers: the same however the chunks are spread over segments."""
    return float(lengths.sum(dtype=np.float64))


def _both(one: Mask | None, other: Mask) -> Mask:
    return other if one is None else one & other


def _matching(part: Part, total: Floats) -> tuple[Keys, Floats]:
    hit = np.flatnonzero(total > 0)
    return part.keys[hit], total[hit]


def _isin(keys: Keys, wanted: Keys) -> Mask:
    if not len(wanted):
        return np.zeros(len(keys), dtype=np.bool_)
    inside: Mask = wanted[np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)] == keys
    return inside
