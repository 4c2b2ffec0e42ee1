"""Texts of one folder's files as they are on disk now.

The latest ones are cached, and used only while the file has not been touched.
"""

from __future__ import annotations

import os
import threading
import time
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from codekin.chunking import split_lines
from codekin.domain.values import Skipped
from codekin.files import read_text

_MAX_FILE_BYTES = 16_000_000
_KEPT_CHARACTERS = 8_000_000
_LARGEST_SHARE = 8
"""A text larger than an eighth of the cache is not cached."""
_SETTLED_NS = 2_000_000_000
"""Coarsest resolution of file times: a file may change again within it and keep its time."""

_Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: _Stamp
    text: str
    starts: array[int]
    """Offset of each line, and the end of the text."""


class Texts:
    """The files of one folder. Safe for concurrent use."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._prefix = os.path.join(root, "")  # noqa: PTH118 - a Path takes ten times as long, for every result of a search
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._characters = 0

    def read(self, path: str) -> str:
        """Return the whole text, never from the cache; "" if the file vanished or is unreadable."""
        text = read_text(Path(self.root), path, _MAX_FILE_BYTES)
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
        return kept.text[kept.starts[min(start, last)] : kept.starts[min(end, last)]]

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
        kept = _Kept(stamp, text, array("I", accumulate(map(len, split_lines(text)), initial=0)))
        with self._lock:
            before = self._kept.pop(path, None)
            self._kept[path] = kept
            self._characters += len(text) - (len(before.text) if before else 0)
            while self._characters > _KEPT_CHARACTERS:
                self._characters -= len(self._kept.popitem(last=False)[1].text)
        return kept
