"""A file of keys, replaced atomically and verified when it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from codekin.domain.ports import Keys
from codekin.storage.segment_file import CorruptError, open_segment, write_segment
from codekin.storage.segments import unavailable


class KeyFile:
    """A set of keys, ascending without duplicates."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        """Return whether the file was ever written."""
        return self._path.exists()

    def read(self) -> Keys:
        """Return the keys; empty if the file is missing or corrupt."""
        try:
            return np.array(open_segment(self._path).arrays["keys"], dtype=np.int64)
        except (OSError, CorruptError, KeyError):
            return np.empty(0, np.int64)

    def write(self, keys: Keys) -> None:
        """Write the keys, durably. Raises IndexUnavailableError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_segment(self._path, {}, {"keys": keys})
        except OSError as error:
            raise unavailable(f"Could not write {self._path}", error) from error
