"""When to look at the history again, found out without running git: a glance at the files that it writes."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[tuple[int, int], ...]
_OWN = ("HEAD", "logs/HEAD")
_SHARED = ("packed-refs", "FETCH_HEAD")


def head_stamp(root: Path) -> Stamp:
    """Differs once the checked-out commit, the branch or what was fetched may be another; () outside a repository."""
    entry = next((folder / ".git" for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if entry is None:
        return ()
    own = entry
    if entry.is_file():
        own = entry.parent / _first_line(entry).removeprefix("gitdir:").strip()
    shared = own / _first_line(own / "commondir")
    branch = _first_line(own / "HEAD").removeprefix("ref:").strip()
    files = (*(own / name for name in _OWN), *(shared / name for name in (*_SHARED, branch)))
    return tuple(_stamp(file) for file in files)


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape").split("\n", 1)[0].strip()
    except OSError:
        return ""


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return 0, 0
    return status.st_mtime_ns, status.st_size
