"""One walk over the workspace: every file that belongs to the index, and what was left out."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import Skipped
from codekin.files.rules import Rules, as_text

_NO_ENTRY = frozenset((errno.EACCES, errno.EPERM, errno.ENAMETOOLONG))
"""What the system answers for everything in a folder that it lists and does not let enter."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that belongs to the index by its name and size; what is in it has not been looked at.

    `mtime_ns` is `System.changed_ns`, so that a file with a new content and its old time counts as changed.
    """

    path: str
    size_bytes: int
    mtime_ns: int


def scan(root: Path, rules: Rules, cancelled: Callable[[], bool]) -> Iterator[Found | Skipped]:
    """Files in no promised order. An excluded folder is one `Skipped`, whatever is below it, and so is one that cannot be
    read or entered; the rest goes on. Links to files inside the root are left to their target; links that lead out, and
    links to folders, are not followed.
    """
    waiting = [""]
    while waiting and not cancelled():
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            yield Skipped(as_text(folder) or ".", f"folder cannot be read ({error.strerror})")
            continue
        reason = rules.enter(folder, {entry.name for entry in entries})
        if reason is not None:
            yield Skipped(as_text(folder) or ".", reason)
            continue
        folders: list[str] = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                item = _item(entry, path, rules)
            except FileNotFoundError:
                item = Skipped(as_text(path), "vanished while being looked at")
            except OSError as error:
                if error.errno in _NO_ENTRY:
                    yield Skipped(as_text(folder) or ".", f"folder cannot be entered ({error.strerror})")
                    folders.clear()
                    break
                item = Skipped(as_text(path), f"cannot be looked at ({error.strerror})")
            if item is None:
                folders.append(path)
            else:
                yield item
        waiting.extend(folders)


def _item(entry: os.DirEntry[str], path: str, rules: Rules) -> Found | Skipped | None:
    """None for a folder that is to be looked into. Raises OSError where the system does not say what the entry is."""
    if rules.system.is_link(entry):
        return Skipped(as_text(path), "symbolic link")
    if entry.is_dir(follow_symlinks=False):
        reason = rules.may_enter(path)
        return None if reason is None else Skipped(as_text(path), reason)
    reason = rules.verdict(path, is_dir=False)
    if reason is not None:
        return Skipped(as_text(path), reason)
    status = entry.stat(follow_symlinks=False)
    if status.st_size > rules.max_file_bytes:
        return Skipped(path, too_large(rules.max_file_bytes))
    return Found(path, status.st_size, rules.system.changed_ns(status))


def too_large(max_file_bytes: int) -> str:
    """The reason for a file over the limit."""
    return f"larger than {max_file_bytes / 1_000_000:g} MB"
