"""The work of a full pass: the differences between the disk and the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import FileRecord, Skipped, storable
from codekin.files import Found, Rules, scan


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of one pass.

    - `index`: paths to read because they are new, changed or damaged.
    - `forget`: paths in the index that no longer exist or are excluded now.
    - `skipped`: files that the scan skipped, with reasons.
    - `total`: number of files that belong to the index.
    - `index_bytes`: total size of `index`.
    """

    index: tuple[str, ...]
    forget: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    total: int
    index_bytes: int


def plan_pass(
    root: Path,
    rules: Rules,
    known: Mapping[str, FileRecord],
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
    index: list[str] = []
    skipped: list[Skipped] = []
    seen: set[str] = set()
    index_bytes = 0
    for item in scan(root, rules, cancelled):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        seen.add(item.path)
        if item.path in damaged or _differs(known.get(item.path), item):
            index.append(item.path)
            index_bytes += item.size_bytes
    forget = tuple(path for path in known if path not in seen) + tuple(
        path for path in (refused or {}) if path not in seen and path not in known
    )
    return Plan(tuple(index), () if cancelled() else forget, tuple(skipped), len(seen), index_bytes)


def _differs(record: FileRecord | None, found: Found) -> bool:
    return record is None or record.mtime_ns != storable(found.mtime_ns) or record.size_bytes != found.size_bytes
