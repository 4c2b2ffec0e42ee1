"""The work of a full pass: the differences between the disk and the index."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from codekin.domain.values import Skipped, storable
from codekin.files import Rules, scan

_RECENT_FILES = 256
_LARGE_BYTES = 200_000


class KnownFiles(Protocol):
    """The files of the index, as a scan compares them with those on disk."""

    def __contains__(self, path: object) -> bool:
        """Return whether a file is in the index."""

    def __len__(self) -> int:
        """Return the number of files."""

    def __iter__(self) -> Iterator[str]:
        """Iterate over the paths."""

    def stamp(self, path: str) -> tuple[int, int] | None:
        """Return the size and the modification time of a file, or None if it is not indexed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of one pass.

    - `index`: paths to read because they are new, changed or damaged, the most useful ones first.
    - `forget`: paths in the index that no longer exist or are excluded now.
    - `skipped`: files that the scan skipped, with reasons.
    - `total`: number of files that belong to the index.
    - `index_bytes`: total size of `index`.
    - `size_of`: the size of each file of `index`.
    """

    index: tuple[str, ...]
    forget: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    total: int
    index_bytes: int
    size_of: Mapping[str, int] = field(default_factory=dict, repr=False)


def plan_pass(
    root: Path,
    rules: Rules,
    known: KnownFiles,
    damaged: frozenset[str],
    cancelled: Callable[[], bool],
    *,
    refused: Mapping[str, str] | None = None,
) -> Plan:
    """Return the work of a pass, by comparing size and modification time, not content.

    A touched file is read again, but not embedded if its text is the same. `damaged` are paths
    whose vectors or postings are missing. `refused` maps paths that were skipped before because of
    their content to the reason.
    """
    sizes: dict[str, int] = {}
    changed_ns: dict[str, int] = {}
    skipped: list[Skipped] = []
    seen: set[str] = set()
    for item in scan(root, rules, cancelled):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        seen.add(item.path)
        if item.path in damaged or known.stamp(item.path) != (item.size_bytes, storable(item.mtime_ns)):
            sizes[item.path], changed_ns[item.path] = item.size_bytes, item.mtime_ns
    forget = tuple(path for path in known if path not in seen) + tuple(
        path for path in (refused or {}) if path not in seen and path not in known
    )
    gone = () if cancelled() else forget
    return Plan(_in_order(sizes, changed_ns), gone, tuple(skipped), len(seen), sum(sizes.values()), sizes)


def _in_order(sizes: Mapping[str, int], changed_ns: Mapping[str, int]) -> tuple[str, ...]:
    """Return the paths: those that changed last, then the others by folder, large files at the end.

    Somebody works on the former, and the latter are mostly generated.
    """
    recent = heapq.nlargest(_RECENT_FILES, sizes, key=lambda path: changed_ns[path])
    first = set(recent)
    others = [path for path in sizes if path not in first]
    small = [path for path in others if sizes[path] < _LARGE_BYTES]
    return (*recent, *small, *(path for path in others if sizes[path] >= _LARGE_BYTES))
