"""How a system treats names and links, as far as watching has to know."""

from __future__ import annotations

import os
import stat
import sys
import unicodedata
from dataclasses import dataclass
from typing import Protocol


class Entry(Protocol):
    """What `os.scandir` yields."""

    @property
    def name(self) -> str:
        """The last component."""

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Its status."""


_MOUNT_POINT = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0xA0000003)
"""What Windows calls a junction; OneDrive's placeholders carry other tags, and are files and folders."""
_MOST_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class System:
    """One kind of operating system. `ignores_case` is what git assumes there where no repository says it; `composes` that
    names of equal look are one name, which git compares composed (NFC); `has_junctions` that folders can be links that are
    no symbolic links; `has_change_time` that `st_ctime` is the time of the last change, and not of the creation.
    """

    ignores_case: bool
    composes: bool
    has_junctions: bool
    has_change_time: bool
    separator: str

    def name(self, name: str) -> str:
        """A name as patterns and git's index have it."""
        return unicodedata.normalize("NFC", name) if self.composes and not name.isascii() else name

    def is_link(self, entry: Entry) -> bool:
        """Whether an entry leads elsewhere: a symbolic link or a junction. False where it is gone meanwhile."""
        if entry.is_symlink():
            return True
        if not self.has_junctions:
            return False
        try:
            return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _MOUNT_POINT
        except OSError:
            return False

    def relative(self, root: str, path: str) -> str:
        """The path below the root with "/" between its names; "" for the root itself and for what is not below it. A root
        may end in a separator, as drives and the topmost folder do.
        """
        folder = root if root.endswith(self.separator) else root + self.separator
        return path[len(folder) :].replace(self.separator, "/") if path.startswith(folder) else ""

    def changed_ns(self, status: os.stat_result) -> int:
        """When a file last changed, in nanoseconds within 64 bits: its modification time, or the later time at which its
        content, size or name changed. The latter cannot be set back, so it tells of a file that was rewritten and given its old time.
        """
        latest = max(status.st_mtime_ns, status.st_ctime_ns) if self.has_change_time else status.st_mtime_ns
        return max(-_MOST_NS, min(_MOST_NS, latest))


def system_of(platform: str) -> System:
    """By the name that `sys.platform` has for it."""
    is_windows, is_mac = platform == "win32", platform == "darwin"
    return System(
        ignores_case=is_windows or is_mac,
        composes=is_mac,
        has_junctions=is_windows,
        has_change_time=not is_windows,
        separator="\\" if is_windows else "/",
    )


HOST = system_of(sys.platform)
changed_ns = HOST.changed_ns
