"""Files that were found intact and have not changed since, so that they are not read again.

Comparing all checksums of a large index takes a second of processor time, and longer if the disk
has to be read. A file that another program changed has another time or size. What a drive changes
by itself is found within a day.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgpack

from codekin import whole_files

LEAST_BYTES = 4_000_000
"""Smaller files are read within some milliseconds, and are not recorded."""
VALID_S = 86_400.0
_Stamp = tuple[int, int, int]


class CheckedFiles:
    """The files of one directory that were found intact, recorded in a file beside them.

    Owned by one thread. A record that is missing or damaged only costs time.
    """

    def __init__(self, record: Path) -> None:
        self._record = record
        self._checked: dict[str, tuple[_Stamp, float]] = _read(record)
        self._recorded = dict(self._checked)

    def covers(self, path: Path) -> bool:
        """Return whether a file was found intact within the last day and has not changed since."""
        stamp, checked_s = self._checked.get(path.name, (None, 0.0))
        return stamp == _stamp(path) and 0 <= time.time() - checked_s < VALID_S

    def note(self, path: Path) -> None:
        """Note that a file was found intact now, if it is large."""
        if (stamp := _stamp(path)) and stamp[1] >= LEAST_BYTES:
            self._checked[path.name] = stamp, time.time()

    def note_own_changes(self, path: Path) -> None:
        """Note that only this process changed a file since it was found intact."""
        known, stamp = self._checked.get(path.name), _stamp(path)
        if known and stamp:
            self._checked[path.name] = stamp, known[1]

    def record(self, existing: Iterable[str]) -> None:
        """Write the record, with the files that still exist; nothing depends on its success."""
        self._checked = {name: self._checked[name] for name in existing if name in self._checked}
        if self._checked != self._recorded:
            with suppress(OSError):
                data = msgpack.packb(self._checked)
                whole_files.write_whole(self._record, lambda file: file.write(data), durable=False)
                self._recorded = dict(self._checked)


def _read(record: Path) -> dict[str, tuple[_Stamp, float]]:
    try:
        found = msgpack.unpackb(record.read_bytes(), use_list=False)
        return {str(name): ((int(a), int(b), int(c)), float(at)) for name, ((a, b, c), at) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, msgpack.UnpackException):
        return {}


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
