"""One walk over the workspace: every file that belongs to the index, and what was left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import Skipped
from codekin.watching.rules import Rules, as_text

_LARGEST_NS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Found:
    """A file that belongs to the index by its name and size; what is in it has not been looked at."""

    path: str
    size_bytes: int
    mtime_ns: int


def scan(root: Path, rules: Rules, cancelled: Callable[[], bool]) -> Iterator[Found | Skipped]:
    """Files in no promised order. An excluded folder is one `Skipped`, whatever is below it. Links to files inside the
    root are left to their target; links that lead out, and links to folders, are not followed.
    """
    waiting = [""]
    while waiting and not cancelled():
        folder = waiting.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError as error:
            yield Skipped(folder, f"folder cannot be read ({error.strerror})")
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                yield Skipped(as_text(path), "symbolic link")
            elif entry.is_dir(follow_symlinks=False):
                reason = rules.verdict(path, is_dir=True)
                if reason is None:
                    waiting.append(path)
                else:
                    yield Skipped(as_text(path), reason)
            else:
                yield _file(entry, path, rules)


def _file(entry: os.DirEntry[str], path: str, rules: Rules) -> Found | Skipped:
    reason = rules.verdict(path, is_dir=False)
    if reason is not None:
        return Skipped(as_text(path), reason)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return Skipped(path, "vanished while being looked at")
    if status.st_size > rules.max_file_bytes:
        return Skipped(path, too_large(rules.max_file_bytes))
    return Found(path, status.st_size, stored_time_ns(status.st_mtime_ns))


def too_large(max_file_bytes: int) -> str:
    """The reason for a file over the limit."""
    return f"larger than {max_file_bytes / 1_000_000:g} MB"


def stored_time_ns(mtime_ns: int) -> int:
    """The time itself, or the nearest that stores take: file systems have years that 63 bits of nanoseconds have not."""
    return max(-_LARGEST_NS, min(mtime_ns, _LARGEST_NS))
