"""The trigram index of one directory; any thread may read, one at a time writes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codekin.domain.ports import Keys, Mask
from codekin.storage.segments import SegmentDirectory
from codekin.storage.top_k import present
from codekin.storage.trigrams.coding import ALWAYS, Trigrams, trigrams_of
from codekin.storage.trigrams.segment import FORM, Part, built, merged

_KIND = "trigrams-1"
_FAN_IN = 8
_MERGE_ROWS = 32_768
"""Merging during `add` stays below this many texts; `compact` merges everything."""
_LEAST_ORPHANED = 10_000


class Condition:
    """What the trigrams of a text must be: `mask` returns which rows of a segment may match."""

    def mask(self, part: Part) -> Mask:
        """Return a mask of the rows of a segment."""
        return np.ones(len(part.keys), np.bool_)


@dataclass(frozen=True, slots=True)
class TrigramView:
    """An immutable snapshot of the index."""

    parts: tuple[Part, ...]

    def possible(self, keys: Keys, condition: Condition) -> Mask:
        """Return which texts, by content key, may match; those that are not indexed may."""
        result = np.ones(len(keys), np.bool_)
        for part in self.parts:
            order = part.order
            ordered = part.keys[order]
            slots = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
            known = ordered[slots] == keys
            mask = condition.mask(part)
            mask[part.rows(ALWAYS)] = True
            result[known] = mask[order[slots[known]]]
        return result


class TrigramIndex:
    """Texts by content key. Raises IndexUnavailableError if files cannot be read or written."""

    def __init__(self, directory: SegmentDirectory) -> None:
        self._directory = directory
        self._lock = threading.RLock()
        self._view = TrigramView(())
        self._update()

    @classmethod
    def open(cls, directory: Path, *, writable: bool) -> TrigramIndex:
        """Open the index, or create it."""
        return cls(SegmentDirectory(directory, _KIND, writable=writable))

    def __len__(self) -> int:
        return sum(len(part.keys) for part in self._view.parts)

    def view(self) -> TrigramView:
        """Return the current texts."""
        return self._view

    def missing(self, keys: Keys) -> Keys:
        """Return those of the keys that are not indexed."""
        known = np.zeros(len(keys), np.bool_)
        for part in self._view.parts:
            known |= present(part.keys[part.order], keys)
        return keys[~known]

    def add(self, keys: Keys, texts: Sequence[str | None]) -> None:
        """Index texts under keys that are not indexed; committed on return.

        None stands for a text of which nothing must be stored; it may match any condition.
        """
        if not len(keys):
            return
        with self._lock:
            self._directory.commit(add=[(FORM, built(keys, [_trigrams(text) for text in texts]))])
            self._update()
            self._merge_small()

    @property
    def outdated(self) -> bool:
        """Whether `tidy` would store lists in less space: an earlier version wrote them."""
        return any(part.outdated for part in self._view.parts)

    def tidy(self, live: Keys) -> None:
        """Merge what is in many segments, and drop texts that are not live once they are many.

        Segments of an earlier version are merged too.
        """
        with self._lock:
            keep = [np.isin(part.keys, live) for part in self._view.parts]
            orphaned = len(self) - sum(int(mask.sum()) for mask in keep)
            if orphaned > max(_LEAST_ORPHANED, len(live)):
                self._merge(self._view.parts, keep)
            elif len(self._view.parts) > _FAN_IN or self.outdated:
                self._merge(self._view.parts)

    def empty(self) -> None:
        """Delete everything."""
        with self._lock:
            self._directory.commit(drop=[part.name for part in self._view.parts])
            self._update()

    def refresh(self) -> bool:
        """Load what another process committed; return whether there was anything new."""
        with self._lock:
            changed = self._directory.refresh()
            if changed:
                self._update()
            return changed

    def close(self) -> None:
        """Close the index. Idempotent."""
        with self._lock:
            self._view = TrigramView(())
            self._directory.close()

    def _merge_small(self) -> None:
        tiers: dict[int, list[Part]] = {}
        for part in self._view.parts:
            if len(part.keys) < _MERGE_ROWS:
                tiers.setdefault(int(np.log2(max(1, len(part.keys))) / 3), []).append(part)
        for parts in tiers.values():
            if len(parts) >= _FAN_IN:
                self._merge(parts)
                return

    def _merge(self, parts: Sequence[Part], keep: Sequence[Mask] | None = None) -> None:
        masks = [np.ones(len(part.keys), np.bool_) for part in parts] if keep is None else keep
        gone = [part.name for part in parts]
        if any(mask.any() for mask in masks):
            self._directory.commit(add=[(FORM, merged(parts, masks, self._directory.forget_pages))], drop=gone)
        else:
            self._directory.commit(drop=gone)
        self._update()

    def _update(self) -> None:
        known = {part.name: part for part in self._view.parts}
        # A segment that stays keeps the order of its keys.
        self._view = TrigramView(tuple(known.get(item.segment.name) or Part.of(item) for item in self._directory.live))


def _trigrams(text: str | None) -> Trigrams:
    return np.array([ALWAYS], np.uint32) if text is None else trigrams_of(text)
