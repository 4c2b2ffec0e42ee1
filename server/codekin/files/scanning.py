"""One walk over the workspace: the files that belong to the index, and those that are skipped."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import Skipped
from codekin.files.rules import Rules, as_text

_NO_ENTRY = frozenset((errno.EACCES, errno.EPERM, errno.ENAMETOOLONG))
"""Errors for all entries of a folder that may be listed but not entered."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that belongs to the index by its name and size; its content has not been read.

    `mtime_ns` is `System.changed_ns`, so that a file with new content and its old time counts as
    changed.
    """

    path: str
    size_bytes: int
    mtime_ns: int


def scan(root: Path, rules: Rules, cancelled: Callable[[], bool]) -> Iterator[Found | Skipped]:
    """Yield files in no particular order.

    An excluded folder is one `Skipped`, whatever is below it, and so is one that cannot be read or
    entered; the scan continues. A link is one `Skipped`: its target is indexed under its own path
    if it is inside the root.
    """
    pending = [""]
    while pending and not cancelled():
        folder = pending.pop()
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
                item = Skipped(as_text(path), "deleted while being read")
            except OSError as error:
                if error.errno in _NO_ENTRY:
                    yield Skipped(as_text(folder) or ".", f"folder cannot be entered ({error.strerror})")
                    folders.clear()
                    break
                item = Skipped(as_text(path), f"cannot be accessed ({error.strerror})")
            if item is None:
                folders.append(path)
            else:
                yield item
        pending.extend(folders)


def _item(entry: os.DirEntry[str], path: str, rules: Rules) -> Found | Skipped | None:
    """Return None for a folder to enter, else the file or the reason to skip it.

    Raises OSError if the system does not say what the entry is.
    """
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
    """Return the reason for a file over the limit."""
    return f"larger than {max_file_bytes / 1_000_000:g} MB"
