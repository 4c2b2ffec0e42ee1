"""What changed on disk since the last pass, found by names, sizes and times alone.

It is a quarter of the work of a pass, because no rule is evaluated. What the last pass excluded is
taken to be excluded still; a change of an ignore file makes a pass necessary.
"""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path

from codekin.domain.values import storable
from codekin.files import IGNORE_FILES, Rules, as_text
from codekin.indexing.reconcile import KnownFiles

_MOST_CHANGES = 512


def quick_changes(root: Path, rules: Rules, known: KnownFiles, skipped: Container[str]) -> tuple[str, ...] | None:
    """Return the paths that changed, appeared or vanished, or None if a pass has to find out.

    `skipped` are the paths that the last pass excluded.
    """
    changed: list[str] = []
    seen: set[str] = set()
    pending = [""]
    while pending and len(changed) <= _MOST_CHANGES:
        folder = pending.pop()
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    stamp = known.stamp(path)
                    if stamp is not None:
                        seen.add(path)
                        if stamp != _stamp(entry, rules):
                            changed.append(path)
                    elif as_text(path) not in skipped:
                        (pending if entry.is_dir(follow_symlinks=False) else changed).append(path)
        except OSError:
            return None
    if len(seen) != len(known):
        changed += [path for path in known if path not in seen]
    if len(changed) > _MOST_CHANGES or any(path.rpartition("/")[2] in IGNORE_FILES for path in changed):
        return None
    return tuple(changed)


def _stamp(entry: os.DirEntry[str], rules: Rules) -> tuple[int, int]:
    status = entry.stat(follow_symlinks=False)
    return status.st_size, storable(rules.system.changed_ns(status))
