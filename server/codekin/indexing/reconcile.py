"""What a full pass over the workspace has to do: the difference between the disk and the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import FileRecord, Skipped, storable
from codekin.files import Found, Rules, scan


@dataclass(frozen=True, slots=True)
class Plan:
    """`index`: paths to read, new or changed or damaged; `forget`: paths in the index that are gone or now excluded;
    `skipped`: what the scan left out, with reasons; `total`: files that belong to the index;
    `index_bytes`: the size of what is to be read.
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
    """Compares size and modification time, not content: a touched file is read again, and costs no embedding if its text
    is the same. `damaged` are paths whose vectors or postings are missing. `refused` maps paths that were skipped before,
    by their content, to the reason.
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
