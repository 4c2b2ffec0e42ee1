"""Detection of an index that was removed, or moved to other stores, while it is open."""

from __future__ import annotations

import stat
from pathlib import Path

from codekin.engine.stores.location import IndexLocation
from codekin.engine.stores.selection import record_file


class DiskState:
    """The folders of an open index and its record of stores, as they were when it was opened."""

    def __init__(self, location: IndexLocation) -> None:
        self._location = location
        self._folders: tuple[Path, ...] = ()
        self._record: tuple[int, int] | None = None

    def note_record(self) -> None:
        """Remember the current record of stores, before it is read."""
        self._record = _stamp(record_file(self._location))

    def forget_record(self) -> None:
        """Make an existing record count as replaced."""
        self._record = None

    def note_folders(self) -> None:
        """Remember the folders that exist now."""
        location = self._location
        folders = (location.directory, location.lexical_directory, location.directory / "vectors")
        self._folders = tuple(folder for folder in folders if folder.is_dir())

    def has_moved(self) -> bool:
        """Return whether the record of stores was replaced."""
        return _stamp(record_file(self._location)) != self._record

    def missing(self) -> Path | None:
        """Return the first folder that no longer exists, or None."""
        return next((folder for folder in self._folders if not folder.is_dir()), None)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def folder_identity(folder: Path) -> tuple[int, int] | None:
    """Return the device and inode of a folder, or None if there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
