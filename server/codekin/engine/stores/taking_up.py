"""What a changed path is on disk now, and whether it differs from what the index holds. Blocking."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codekin.domain.values import FileRecord, Skipped
from codekin.files import Rules, changed_ns, read_source


@dataclass(slots=True)
class Look:
    """`files` are to be read, `folders` to be looked through, `gone` are not there or do not belong to the index; a path that is
    in none of them holds what the index knows already.
    """

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def look_at(
    root: Path, rules: Rules, paths: Iterable[str], known: Mapping[str, FileRecord], max_file_bytes: int
) -> Look:
    """Sort the paths by what has to be done about them."""
    look = Look()
    for path in paths:
        try:
            status = os.stat(root / path)  # noqa: PTH116 - a tenth of the time of pathlib's
        except (OSError, ValueError):  # not there, or no name that a file can have
            look.gone.append(path)
            continue
        if stat.S_ISDIR(status.st_mode):
            look.folders.append(path)
        elif not stat.S_ISREG(status.st_mode) or rules.verdict(path, is_dir=False) is not None:
            look.gone.append(path)
        elif not _is_known(known.get(path), status, root, max_file_bytes):
            look.files.append(path)
    return look


def _is_known(record: FileRecord | None, status: os.stat_result, root: Path, max_file_bytes: int) -> bool:
    """Whether the index holds this very content: times alone would not tell two writes of one clock tick apart."""
    if record is None or (record.size_bytes, record.mtime_ns) != (status.st_size, changed_ns(status)):
        return False
    source = read_source(root, record.path, max_file_bytes)
    return not isinstance(source, Skipped) and source.digest == record.digest
