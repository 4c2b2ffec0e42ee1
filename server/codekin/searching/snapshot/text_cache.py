"""Texts of one folder's files as they are on disk now.

The latest ones are cached, and used only while the file has not been touched.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.chunking import split_lines
from codekin.domain.values import Skipped
from codekin.files import read_text

_MAX_FILE_BYTES = 16_000_000
_KEPT_CHARACTERS = 8_000_000
_LARGEST_SHARE = 8
"""A text larger than an eighth of the cache is not cached."""
_LINE_FEED = ord("\n")
_SETTLED_NS = 2_000_000_000
"""Coarsest resolution of file times: a file may change again within it and keep its time."""

_Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: _Stamp
    text: str
    starts: npt.NDArray[np.uint32]
    """Offset of each line, and the end of the text."""


class Texts:
    """The files of one folder. Safe for concurrent use."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._prefix = os.path.join(root, "")  # noqa: PTH118 - a Path takes ten times as long, for every result of a search
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._characters = 0

    def read(self, path: str, wanted: bytes = b"") -> str:
        """Return the whole text, never from the cache; "" if the file vanished or is unreadable.

        See `read_text` for `wanted`.
        """
        text = read_text(Path(self.root), path, _MAX_FILE_BYTES, wanted)
        return "" if isinstance(text, Skipped) else text

    def lines(self, path: str, start: int, end: int) -> str:
        """Return lines [start, end), as far as the file has them."""
        stamp = self._stamp(path)
        kept = self._known(path, stamp)
        if kept is None:
            text = self.read(path)
            kept = self._keep(path, text, stamp)
            if kept is None:
                return "".join(split_lines(text, end)[start:])
        last = len(kept.starts) - 1
        return kept.text[int(kept.starts[min(start, last)]) : int(kept.starts[min(end, last)])]

    def _stamp(self, path: str) -> _Stamp | None:
        try:
            status = os.stat(self._prefix + path)  # noqa: PTH116 - as above
        except (OSError, ValueError):
            return None
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev

    def _known(self, path: str, stamp: _Stamp | None) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(path)
            if kept is None or kept.stamp != stamp:
                return None
            self._kept.move_to_end(path)
            return kept

    def _keep(self, path: str, text: str, stamp: _Stamp | None) -> _Kept | None:
        """Cache a text and return it, or None if it must not be cached.

        `stamp` was taken before the text was read, so a later write has another one.
        """
        if stamp is None or max(stamp[:2]) > time.time_ns() - _SETTLED_NS:
            return None
        if len(text) * _LARGEST_SHARE > _KEPT_CHARACTERS:
            return None
        kept = _Kept(stamp, text, _line_starts(text))
        with self._lock:
            before = self._kept.pop(path, None)
            self._kept[path] = kept
            self._characters += len(text) - (len(before.text) if before else 0)
            while self._characters > _KEPT_CHARACTERS:
                self._characters -= len(self._kept.popitem(last=False)[1].text)
        return kept


def _line_starts(text: str) -> npt.NDArray[np.uint32]:
    """Return the offset of each line of `split_lines`, and the end of the text.

    If lines end with LF only, as nearly always, a tenth of the time of splitting them.
    """
    if "\r" in text:
        return np.fromiter(accumulate(map(len, split_lines(text)), initial=0), np.uint32)
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    ends = np.flatnonzero(characters == _LINE_FEED) + 1
    rest = [len(text)] if text and text[-1] != "\n" else []
    return np.concatenate(([0], ends, rest)).astype(np.uint32)
