"""A set of keys in a file: replaced as a whole, checked when it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from codekin.domain.ports import Keys
from codekin.storage.segment_file import CorruptError, open_segment, write_segment
from codekin.storage.segments import unavailable


class KeyFile:
    """Keys ascending, each once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        """Whether it was ever written."""
        return self._path.exists()

    def read(self) -> Keys:
        """None where there is no file, or not what was written."""
        try:
            return np.array(open_segment(self._path).arrays["keys"], dtype=np.int64)
        except (OSError, CorruptError, KeyError):
            return np.empty(0, np.int64)

    def write(self, keys: Keys) -> None:
        """There after a power cut too, when it returns. Raises IndexUnavailableError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_segment(self._path, {}, {"keys": keys})
        except OSError as error:
            raise unavailable(f"{self._path} cannot be written", error) from error
