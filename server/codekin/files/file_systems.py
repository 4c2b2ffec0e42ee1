"""How operating systems treat names and links."""

from __future__ import annotations

import os
import stat
import sys
import unicodedata
from dataclasses import dataclass
from typing import Protocol


class Entry(Protocol):
    """An entry as yielded by `os.scandir`."""

    @property
    def name(self) -> str:
        """The last component of its path."""

    def is_symlink(self) -> bool:
        """Return whether it is a symbolic link."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Return its status."""


_MOUNT_POINT = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0xA0000003)
"""Tag of a junction on Windows.

Placeholders of OneDrive have other tags and are files and folders.
"""
_MAX_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class System:
    """One kind of operating system.

    `ignores_case` is git's default there. `composes` means that names which look equal are one
    name, which git compares in composed form (NFC). `has_junctions` means that folders can be links
    without being symbolic links. `has_change_time` means that `st_ctime` is the time of the last
    change, not of creation.
    """

    ignores_case: bool
    composes: bool
    has_junctions: bool
    has_change_time: bool
    separator: str

    def name(self, name: str) -> str:
        """Return a name in the form that patterns and git's index use."""
        return unicodedata.normalize("NFC", name) if self.composes and not name.isascii() else name

    def is_link(self, entry: Entry) -> bool:
        """Return whether an entry is a symbolic link or a junction.

        Returns False if it was deleted meanwhile.
        """
        if entry.is_symlink():
            return True
        if not self.has_junctions:
            return False
        try:
            return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _MOUNT_POINT
        except OSError:
            return False

    def relative(self, root: str, path: str) -> str:
        """Return the path below the root with "/" as separator.

        Returns "" for the root itself and for paths outside it. A root may end in a separator, as
        drives and the topmost folder do.
        """
        folder = root if root.endswith(self.separator) else root + self.separator
        return path[len(folder) :].replace(self.separator, "/") if path.startswith(folder) else ""

    def changed_ns(self, status: os.stat_result) -> int:
        """Return when a file last changed, in nanoseconds within 64 bits.

        This is the later one of the modification time and the time at which its content, size or
        name changed. The latter cannot be set back, so it reveals a file that was rewritten and
        given its old time.
        """
        latest = max(status.st_mtime_ns, status.st_ctime_ns) if self.has_change_time else status.st_mtime_ns
        return max(-_MAX_NS, min(_MAX_NS, latest))


def system_of(platform: str) -> System:
    """Return the system with a name of `sys.platform`."""
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
