"""BM25 over fields, incremental: postings by content key, in immutable segments.

score = sum over terms of idf * tf' * (k1 + 1) / (tf' + k1), tf' = sum over fields of weight * tf / (1 - b + b * length / mean
length), idf = ln(1 + (N - n + 0.5) / (n + 0.5)): BM25F as in Robertson and Zaragoza, "The Probabilistic Relevance
Framework" (2009), section 3.5, with the always positive idf.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Hits, Keys, Mask
from codekin.domain.values import Chunk
from codekin.domain.words import identifiers
from codekin.storage.best import best, best_of
from codekin.storage.bm25 import BM25, Corpus, frequencies, totals
from codekin.storage.segments import Live, Segment, SegmentDirectory, memory_segment
from codekin.storage.terms import terms_of_identifier

_KIND = "lexical-1"
FIELDS = ("code", "symbols", "doc")
_FAN_IN = 8
_MERGE_POSTINGS = 2_000_000
_MERGED_AT_ONCE = 500_000
_MOST_VOLATILE = 4_000
_COMMON_SHARE = 0.5
"""A term in more than this share of all chunks says nothing; it is left out while the query has others."""

Floats = npt.NDArray[np.float32]
Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment: `terms` ascending with postings [first[i], first[i + 1]); a posting is a row and a count a field."""

    name: str
    keys: Keys
    terms: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: tuple[npt.NDArray[np.uint8], ...]
    lengths: tuple[npt.NDArray[np.float32], ...]
    alive: Mask | None
    norms: dict[tuple[BM25, tuple[float, ...]], tuple[Floats, ...]] = field(default_factory=dict)

    def pieces(self, terms: Keys) -> list[slice]:
        """The postings of each term, in order; empty where there are none."""
        if not len(self.terms):
            return [slice(0, 0)] * len(terms)
        slots = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        known = (self.terms[slots] == terms).tolist()
        ends = zip(self.first[slots].tolist(), self.first[slots + 1].tolist(), known, strict=True)
        return [slice(start, end if there else start) for start, end, there in ends]

    def find(self, keys: Keys) -> tuple[Mask, npt.NDArray[np.intp]]:
        if not len(self.keys):
            return np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.intp)
        slots = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found = self.keys[slots] == keys
        return (found if self.alive is None else found & self.alive[slots]), slots

    def inverse_norms(self, params: BM25, means: tuple[float, ...]) -> tuple[Floats, ...]:
        """Weight over length norm, by field and row; kept, since one pair of arguments is asked for again and again."""
        if (params, means) not in self.norms:
            self.norms.clear()
            self.norms[params, means] = tuple(
                (weight / (1 - b + b * lengths / max(mean, 1e-9))).astype(np.float32)
                for weight, b, lengths, mean in zip(params.weights, params.b, self.lengths, means, strict=True)
            )
        return self.norms[params, means]


@dataclass(frozen=True, slots=True)
class LexicalView:
    """What a search runs on, immutable. Counts and means are of the chunks that are there, not of those that were."""

    parts: tuple[_Part, ...]
    chunks: int
    means: tuple[float, ...]

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
        scores_of = totals(self.parts, self._corpus, dict.fromkeys(terms, 1.0), _COMMON_SHARE, params or BM25())
        scored = [_matching(part, total) for part, total in zip(self.parts, scores_of, strict=True)]
        if allowed is not None:
            wanted = np.unique(allowed)
            scored = [(keys[inside], scores[inside]) for keys, scores in scored for inside in (_isin(keys, wanted),)]
        if k <= 0:
            scored = []
        return Hits(*best_of([best(keys, scores, k) for keys, scores in scored], k))

    def score(self, keys: Keys, weights: Mapping[int, float], common_share: float = _COMMON_SHARE) -> Floats:
        """float32 (n,): BM25 of the chunks with these keys for terms that count by their weights; 0 where none matches.
        Terms in more than `common_share` of all chunks are left out.
        """
        result = np.zeros(len(keys), np.float32)
        scores_of = totals(self.parts, self._corpus, weights, common_share, BM25())
        for part, total in zip(self.parts, scores_of, strict=True):
            found, rows = part.find(keys)
            result[found] = total[rows[found]]
        return result

    def idfs(self, terms: Sequence[int]) -> list[float]:
        """How much each term tells: 0 for one that no chunk holds."""
        counts = frequencies(self.parts, np.array(terms, np.int64))
        return [self._corpus.idf(count) if count else 0.0 for count in counts]

    @property
    def _corpus(self) -> Corpus:
        return Corpus(self.chunks, self.means)


class LexicalIndex:
    """Any thread may read; one at a time writes. Raises IndexUnavailableError where files cannot be read or written."""

    def __init__(self, directory: SegmentDirectory) -> None:
        self._directory = directory
        self._lock = threading.RLock()
        self._volatile: dict[int, Chunk] = {}
        self._volatile_part: _Part | None = None
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
        with self._lock:
            fresh = ~self.contains(keys)
            chosen = {key: chunk for key, chunk, new in zip(keys.tolist(), chunks, fresh.tolist(), strict=True) if new}
            if not chosen:
                return
            if volatile:
                self._volatile.update(chosen)
                while len(self._volatile) > _MOST_VOLATILE:
                    del self._volatile[next(iter(self._volatile))]
            else:
                self._directory.commit(add=[({}, _build(chosen))])
                for key in chosen:
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
                self._rebuild_volatile()
                self._take()
            return changed

    def close(self) -> None:
        """Idempotent."""
        with self._lock:
            self._view = _view(())
            self._directory.close()

    def _stored(self) -> tuple[_Part, ...]:
        return tuple(part for part in self._view.parts if part is not self._volatile_part)

    def _rebuild_volatile(self) -> None:
        kept = self._volatile
        self._volatile_part = _part(Live(memory_segment("", {}, _build(kept)), np.empty(0, np.int32))) if kept else None

    def _take(self) -> None:
        known = {part.name: part for part in self._view.parts}
        parts = [_part(item, known.get(item.segment.name)) for item in self._directory.live]
        if self._volatile_part is not None:
            parts.append(self._volatile_part)
        self._view = _view(parts)

    def _merge_small(self) -> None:
        tiers: dict[int, list[_Part]] = {}
        for part in self._stored():
            if len(part.rows) < _MERGE_POSTINGS:
                tiers.setdefault(int(np.log2(max(1, len(part.rows))) / 3), []).append(part)
        for parts in tiers.values():
            if len(parts) >= _FAN_IN:
                self._merge(tuple(parts))
                return

    def _merge(self, parts: Sequence[_Part]) -> None:
        merged = _merged(parts)
        self._directory.commit(add=[({}, merged)] if len(merged["keys"]) else [], drop=[part.name for part in parts])
        self._take()


def _view(parts: Iterable[_Part]) -> LexicalView:
    listed = tuple(parts)
    chunks = sum(len(part.keys) if part.alive is None else int(part.alive.sum()) for part in listed)
    sums = [
        sum(float((item.lengths[at] if item.alive is None else item.lengths[at][item.alive]).sum()) for item in listed)
        for at in range(len(FIELDS))
    ]
    # Rounded, so that one more file does not throw away the norms of all segments.
    return LexicalView(listed, chunks, tuple(float(f"{total / max(1, chunks):.2g}") for total in sums))


def _both(one: Mask | None, other: Mask) -> Mask:
    return other if one is None else one & other


def _build(chunks: dict[int, Chunk]) -> Arrays:
    """Arrays of one segment, rows ascending by key."""
    keys = sorted(chunks)
    texts = [text(chunks[key]) for text in _TEXTS for key in keys]
    found = _term_numbers(texts)
    lengths = found.lengths.reshape(len(FIELDS), len(keys))
    field, row = np.divmod(np.repeat(np.arange(len(texts)), found.lengths), max(1, len(keys)))
    # Sorted as one number a term, row and field: nothing else has to be moved along.
    code = (found.numbers * max(1, len(keys)) + row) * len(FIELDS) + field
    triples, times = np.unique(code, return_counts=True)
    pairs, field = np.divmod(triples, len(FIELDS))
    begins = np.diff(pairs, prepend=-1) > 0
    counts = np.zeros((len(FIELDS), int(begins.sum())), np.uint8)
    counts[field, np.cumsum(begins) - 1] = np.minimum(times, 255)
    term_of, rows = np.divmod(pairs[begins], max(1, len(keys)))
    first = np.searchsorted(term_of, np.arange(len(found.terms) + 1))
    return _assembled(np.array(keys, dtype=np.int64), lengths.astype(np.float32), found.terms, first, rows, counts)


@dataclass(frozen=True, slots=True)
class _TermNumbers:
    """`terms` ascending; `numbers` are positions in it, of all texts in a row; `lengths` how many each text has."""

    terms: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


class _Numbers(dict[str, int]):
    """Counts what is looked up for the first time."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def _term_numbers(texts: Sequence[str]) -> _TermNumbers:
    """An identifier is made into terms once, however often it stands there; the rest is done on numbers."""
    found = list(map(identifiers, texts))
    how_many = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    seen = _Numbers()
    which = np.fromiter(map(seen.__getitem__, chain.from_iterable(found)), dtype=np.int64, count=int(how_many.sum()))
    made = list(map(terms_of_identifier, seen))
    sizes = np.fromiter(map(len, made), dtype=np.int64, count=len(made))
    flat = np.fromiter(chain.from_iterable(made), dtype=np.int64, count=int(sizes.sum()))
    terms, number_of = np.unique(flat, return_inverse=True)
    counts = sizes[which]
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = number_of[np.repeat((np.cumsum(sizes) - sizes)[which], counts) + steps]
    ends = np.concatenate(([0], np.cumsum(counts)))[np.concatenate(([0], np.cumsum(how_many)))]
    return _TermNumbers(terms, numbers, np.diff(ends))


def _assembled(
    keys: Keys,
    lengths: Iterable[npt.NDArray[np.float32]],
    terms: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    rows: npt.NDArray[np.integer],
    counts: Iterable[npt.NDArray[np.uint8]],
) -> Arrays:
    arrays: Arrays = {
        "keys": keys.astype("<i8", copy=False),
        "terms": terms.astype("<i8", copy=False),
        "first": first.astype("<i8", copy=False),
        "rows": rows.astype("<i4", copy=False),
    }
    for name, count, length in zip(FIELDS, counts, lengths, strict=True):
        arrays[f"count_{name}"] = count
        arrays[f"length_{name}"] = length.astype("<f4", copy=False)
    return arrays


def _merged(parts: Sequence[_Part]) -> Arrays:
    """One segment's arrays out of several, without what is deleted. Terms are spread evenly over 63 bits, so a range of them
    at a time keeps what is in memory small beside the result.
    """
    alive = [np.ones(len(part.keys), np.bool_) if part.alive is None else part.alive for part in parts]
    keys = np.concatenate([part.keys[mask] for part, mask in zip(parts, alive, strict=True)])
    order = np.argsort(keys, kind="stable")
    place = np.empty(len(keys), np.int32)
    place[order] = np.arange(len(keys), dtype=np.int32)
    bases = np.cumsum([0, *(int(mask.sum()) for mask in alive)])
    new_rows = []
    for mask, base in zip(alive, bases[:-1], strict=True):
        new_row = np.full(len(mask), -1, np.int32)
        new_row[mask] = place[base : base + int(mask.sum())]
        new_rows.append(new_row)
    slices = -(-sum(len(part.rows) for part in parts) // _MERGED_AT_ONCE) or 1
    bounds = [2**63 // slices * at for at in range(slices)]
    ranges = [
        _merged_range(parts, new_rows, low, high - 1) for low, high in zip(bounds, [*bounds[1:], 2**63], strict=True)
    ]
    lengths = [
        np.concatenate([part.lengths[at][mask] for part, mask in zip(parts, alive, strict=True)])[order]
        for at in range(len(FIELDS))
    ]
    sizes = np.concatenate([item.sizes for item in ranges])
    return _assembled(
        keys[order],
        lengths,
        np.concatenate([item.terms for item in ranges]),
        np.concatenate(([0], np.cumsum(sizes))),
        np.concatenate([item.rows for item in ranges]),
        [np.concatenate([item.counts[at] for item in ranges]) for at in range(len(FIELDS))],
    )


@dataclass(frozen=True, slots=True)
class _Range:
    """Postings of some terms: `sizes` says how many each of `terms` (ascending) has, one after the other."""

    terms: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: tuple[npt.NDArray[np.uint8], ...]


def _merged_range(parts: Sequence[_Part], new_rows: Sequence[npt.NDArray[np.int32]], low: int, high: int) -> _Range:
    """Postings of the terms in [low, high], of rows that are kept."""
    terms, rows = [], []
    counts: tuple[list[npt.NDArray[np.uint8]], ...] = tuple([] for _ in FIELDS)
    for part, new_row in zip(parts, new_rows, strict=True):
        begin, end = np.searchsorted(part.terms, low), np.searchsorted(part.terms, high, side="right")
        piece = slice(int(part.first[begin]), int(part.first[end]))
        moved = new_row[part.rows[piece]]
        kept = moved >= 0
        terms.append(np.repeat(part.terms[begin:end], np.diff(part.first[begin : end + 1]))[kept])
        rows.append(moved[kept])
        for into, count in zip(counts, part.counts, strict=True):
            into.append(count[piece][kept])
    unique, inverse, sizes = np.unique(np.concatenate(terms), return_inverse=True, return_counts=True)
    arrangement = np.lexsort((np.concatenate(rows), inverse))
    return _Range(
        unique,
        sizes,
        np.concatenate(rows)[arrangement],
        tuple(np.concatenate(listed)[arrangement] for listed in counts),
    )


def _symbols(chunk: Chunk) -> str:
    return " ".join((chunk.symbol, *(definition.name for definition in chunk.definitions)))


_TEXTS: tuple[Callable[[Chunk], str], ...] = (lambda chunk: chunk.text, _symbols, lambda chunk: chunk.doc)
"""In the order of FIELDS."""


def _part(item: Live, known: _Part | None = None) -> _Part:
    segment: Segment = item.segment
    alive = None
    if len(item.deleted):
        alive = np.ones(len(segment.arrays["keys"]), dtype=np.bool_)
        alive[item.deleted] = False
    if known is not None and _same_mask(known.alive, alive):
        return known
    arrays = segment.arrays
    return _Part(
        name=segment.name,
        keys=arrays["keys"],
        terms=arrays["terms"],
        first=arrays["first"],
        rows=arrays["rows"],
        counts=tuple(arrays[f"count_{name}"] for name in FIELDS),
        lengths=tuple(arrays[f"length_{name}"] for name in FIELDS),
        alive=alive,
    )


def _same_mask(one: Mask | None, other: Mask | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other))


def _matching(part: _Part, total: Floats) -> tuple[Keys, Floats]:
    hit = np.flatnonzero(total > 0)
    return part.keys[hit], total[hit]


def _isin(keys: Keys, wanted: Keys) -> Mask:
    if not len(wanted):
        return np.zeros(len(keys), dtype=np.bool_)
    inside: Mask = wanted[np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)] == keys
    return inside
