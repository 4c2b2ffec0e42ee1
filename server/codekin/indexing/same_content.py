"""Files with another time but the content of the index: touched, or in a new worktree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from codekin.domain.values import FileRecord
from codekin.files import read_digest


def with_same_content(root: Path, records: Iterable[FileRecord], max_file_bytes: int) -> list[FileRecord]:
    """Return the records whose files have the same content, with the times of now.

    They need not be cut into chunks again. Blocking: reads every file.
    """
    same = []
    for record in records:
        found = read_digest(root, record.path, max_file_bytes)
        if found and (found[0], found[1]) == (record.digest, record.size_bytes):
            same.append(replace(record, mtime_ns=found[2]))
    return same
