"""BM25 over fields, incremental: postings by content key, in immutable segments.

score = sum over terms of idf * tf' * (k1 + 1) / (tf' + k1), tf' = sum over fields of weight * tf /
(1 - b + b * length / mean length), idf = ln(1 + (N - n + 0.5) / (n + 0.5)). This is BM25F as in
Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), section 3.5, with the idf
that is always positive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Hits, Keys, Mask
from codekin.domain.values import Chunk
from codekin.storage.lexical.bm25 import BM25, Corpus, Scored, Scores, frequencies, inverse_frequency, totals
from codekin.storage.lexical.building import Draft, build
from codekin.storage.lexical.merging import merged
from codekin.storage.lexical.packing import FIELDS, EarlierCounts, PlainCounts, is_packed
from codekin.storage.lexical.segment import Part, part_of
from codekin.storage.segment_file import memory_segment
from codekin.storage.segments import Live, SegmentDirectory
from codekin.storage.top_k import ascending, best, best_of, present

_KIND = "lexical-2"
"""The number rises when texts give other terms. Segments of a lower number are built again."""
_FAN_IN = 8
_MERGE_POSTINGS = 2_000_000
_MAX_VOLATILE = 4_000
_COMMON_SHARE = 0.5
"""A term in more than this share of all chunks is ignored while the query has other terms."""

_SAMPLED = 16
"""One row in sixteen is compared first, which excludes nearly all others."""

Floats = npt.NDArray[np.float32]


class _Means:
    """The mean length of each field of live chunks, computed when it is first needed."""

    def __init__(self, parts: Sequence[Part], chunks: int) -> None:
        self._parts = parts
        self._chunks = chunks

    @cached_property
    def values(self) -> tuple[float, ...]:
        """The means, rounded: one more file does not invalidate the norms of all segments."""
        sums = [sum(lengths) for lengths in zip(*(part.total_lengths() for part in self._parts), strict=True)]
        return tuple(float(f"{total / max(1, self._chunks):.2g}") for total in sums or [0.0] * len(FIELDS))


@dataclass(frozen=True, slots=True)
class LexicalView:
    """An immutable snapshot that a search runs on.

    Counts and means cover live chunks only. The chunks of `beside` are not found here, but count in
    the document frequency of a word.
    """

    parts: tuple[Part, ...]
    chunks: int
    means: _Means
    beside: tuple[LexicalView, ...] = ()

    def among(self, others: Iterable[LexicalView]) -> LexicalView:
        """Return a view of the same chunks that shares document frequencies with the others.

        Scores of all these views can then be compared.
        """
        return replace(self, beside=tuple(others))

    def restricted_to(self, keys: Keys) -> LexicalView:
        """Return a view of the chunks with these keys (ascending).

        Rows of deleted content may still be stored; this selects the live ones.
        """
        masks = [part.rows_with(keys) for part in self.parts]
        return _view(
            part if part.alive is None and mask.all() else replace(part, alive=_both(part.alive, mask), live_counts={})
            for part, mask in zip(self.parts, masks, strict=True)
        )

    def search(
        self,
        terms: Iterable[int] | Mapping[int, float],
        k: int,
        allowed: Keys | None = None,
        params: BM25 | None = None,
    ) -> Hits:
        """Return the k best chunks that contain any of the terms (`terms_of` a query).

        A mapping has the weight of each term, which is otherwise 1; a repeated term counts once.
        Only chunks in `allowed` are found if it is given.
        """
        weights = terms if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
        scores_of = totals(self.parts, self._corpus, weights, _COMMON_SHARE, params or BM25(), self._elsewhere)
        most = k if allowed is None else None
        scored = [_matching(part, found, most) for part, found in zip(self.parts, scores_of, strict=True)]
        if allowed is not None:
            wanted = ascending(allowed)
            scored = [(keys[inside], scores[inside]) for keys, scores in scored for inside in (present(wanted, keys),)]
        if k <= 0:
            scored = []
        return Hits(*best_of([best(keys, scores, k) for keys, scores in scored], k))

    def idfs(self, terms: Sequence[int]) -> list[float]:
        """Return the inverse document frequency of each term, or 0 if no chunk contains it."""
        counts = frequencies([*self.parts, *self._elsewhere], np.array(terms, np.int64))
        return [inverse_frequency(self._all_chunks, count) if count else 0.0 for count in counts]

    @property
    def _corpus(self) -> Corpus:
        return Corpus(self._all_chunks, self.means.values)

    @property
    def _all_chunks(self) -> int:
        return self.chunks + sum(view.chunks for view in self.beside)

    @property
    def _elsewhere(self) -> list[Part]:
        return [part for view in self.beside for part in view.parts]


class LexicalIndex:
    """The lexical index of one directory; any thread may read, one at a time writes.

    Raises IndexUnavailableError if files cannot be read or written.
    """

    def __init__(self, directory: SegmentDirectory) -> None:
        self._directory = directory
        self._lock = threading.RLock()
        self._volatile: dict[int, Chunk] = {}
        self._volatile_part: Part | None = None
        self._view = _view(())
        self._update_view()

    @classmethod
    def open(cls, directory: Path, *, writable: bool) -> LexicalIndex:
        """Open the index, or create it.

        The writer drops segments with the terms of an earlier version. Their chunks are indexed
        again, and keep their vectors.
        """
        segments = SegmentDirectory(directory, _KIND, writable=writable)
        outdated = [item.segment.name for item in segments.live if item.segment.fields.get("kind") != _KIND]
        if writable and outdated:
            segments.commit(drop=outdated)
        return cls(segments)

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found corrupt at open, in sentences."""
        return self._directory.problems

    def __len__(self) -> int:
        return self._view.chunks

    def add(self, keys: Keys, chunks: Sequence[Chunk], *, volatile: bool = False) -> None:
        """Index chunks under their keys; known keys are left unchanged. Committed on return.

        Volatile chunks (unsaved buffers) are kept in memory only, the latest few thousand of them.
        """
        given = dict(zip(keys.tolist(), chunks, strict=True))
        if volatile:
            self._keep_volatile(given)
        else:
            draft = self.draft()
            draft.add(given)
            self.commit(draft)

    def draft(self) -> Draft:
        """Return a draft that skips stored chunks; it must be committed before any other change."""
        return Draft(self.contains)

    def commit(self, draft: Draft, after: Callable[[], object] | None = None) -> None:
        """Store the chunks of a draft.

        `after` is called once everything is ready to be written. If it raises, the index is
        unchanged.
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
            self._update_view()
            self._merge_small()

    def delete(self, keys: Keys) -> None:
        """Delete chunks; unknown keys are ignored."""
        with self._lock:
            deleted = {}
            for part in self._stored():
                found, slots = part.find(keys)
                if found.any():
                    before = np.empty(0, np.int32) if part.alive is None else np.flatnonzero(~part.alive)
                    deleted[part.name] = np.union1d(before, slots[found]).astype(np.int32)
            if deleted:
                self._directory.commit(deleted=deleted)
                self._update_view()

    def contains(self, keys: Keys) -> Mask:
        """Return which keys are stored, bool (n,); volatile chunks are not."""
        result = np.zeros(len(keys), dtype=np.bool_)
        for part in self._stored():
            result |= part.find(keys)[0]
        return result

    def keys(self) -> Keys:
        """Return the stored keys, ascending."""
        live = [part.keys if part.alive is None else part.keys[part.alive] for part in self._stored()]
        return np.sort(np.concatenate(live)) if live else np.empty(0, np.int64)

    def view(self, keys: Keys | None = None) -> LexicalView:
        """Return the current chunks, or only those with these keys (ascending)."""
        return self._view if keys is None else self._view.restricted_to(keys)

    @property
    def outdated(self) -> bool:
        """Whether `compact` would store postings in less space: an earlier version wrote them."""
        return any(
            isinstance(part.counts, PlainCounts | EarlierCounts) and is_packed(len(part.rows))
            for part in self._stored()
        )

    def compact(self) -> None:
        """Merge everything into one segment without deleted rows; safe to kill at any moment."""
        with self._lock:
            parts = self._stored()
            if len(parts) > 1 or self.outdated or any(part.alive is not None for part in parts):
                self._merge(parts)

    def refresh(self) -> bool:
        """Load what another process committed; return whether there was anything new."""
        with self._lock:
            changed = self._directory.refresh()
            if changed:
                # Chunks that another process has stored meanwhile would be counted twice.
                kept = np.fromiter(self._volatile, np.int64, len(self._volatile))
                self._update_view()
                for key in kept[self.contains(kept)].tolist():
                    del self._volatile[key]
                self._rebuild_volatile()
                self._update_view()
            return changed

    def close(self) -> None:
        """Close the index. Idempotent."""
        with self._lock:
            self._view = _view(())
            self._directory.close()

    def _keep_volatile(self, chunks: Mapping[int, Chunk]) -> None:
        with self._lock:
            fresh = ~self.contains(np.fromiter(chunks, dtype=np.int64, count=len(chunks)))
            chosen = {key: chunk for (key, chunk), new in zip(chunks.items(), fresh.tolist(), strict=True) if new}
            if chosen:
                self._volatile.update(chosen)
                while len(self._volatile) > _MAX_VOLATILE:
                    del self._volatile[next(iter(self._volatile))]
                self._rebuild_volatile()
                self._update_view()

    def _stored(self) -> tuple[Part, ...]:
        return tuple(part for part in self._view.parts if part is not self._volatile_part)

    def _rebuild_volatile(self) -> None:
        kept = self._volatile
        self._volatile_part = (
            part_of(Live(memory_segment("", {}, build(kept)), np.empty(0, np.int32))) if kept else None
        )

    def _update_view(self) -> None:
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
        gone = [part.name for part in parts]
        if any(part.alive is None or part.alive.any() for part in parts):
            self._directory.commit(add=[({}, merged(parts, self._directory.forget_pages))], drop=gone)
        else:
            self._directory.commit(drop=gone)
        self._update_view()


def _view(parts: Iterable[Part]) -> LexicalView:
    listed = tuple(parts)
    chunks = sum(part.live for part in listed)
    return LexicalView(listed, chunks, _Means(listed, chunks))


def _both(one: Mask | None, other: Mask) -> Mask:
    return other if one is None else one & other


def _matching(part: Part, found: Scored, most: int | None) -> tuple[Keys, Floats]:
    """Return the keys and the scores of the live rows with a score.

    With `most`, they may leave out rows that are not among that number of best ones.
    """
    scores, rows = found.scores, found.rows
    least = _least_of_best(part, scores, most) if rows is None and most else 0.0
    hit = np.flatnonzero(scores >= least if least > 0 else scores > 0)
    if part.alive is not None:
        hit = hit[part.alive[hit if rows is None else rows[hit]]]
    return part.keys[hit if rows is None else rows[hit]], scores[hit].astype(np.float32)


def _least_of_best(part: Part, scores: Scores, most: int) -> float:
    """Return a score that the `most` best rows reach: that of the last of them in a sample.

    Rows are in the order of content keys, which are hashes, so that any rows are a sample.
    """
    size = len(scores) // _SAMPLED
    if size <= most:
        return 0.0
    sample = scores[:size] if part.alive is None else scores[:size][part.alive[:size]]
    sample = sample[sample > 0]
    if len(sample) <= most:
        return 0.0
    # Scores are compared as 32-bit numbers, so that those which round to the same reach it too.
    least = np.float32(np.partition(sample, len(sample) - most)[len(sample) - most])
    return float(np.nextafter(least, np.float32(0.0)))
