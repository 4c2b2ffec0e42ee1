"""Filter values that occur in a workspace, with their counts, for completion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codekin.domain.commits import is_file
from codekin.domain.values import FileRecord
from codekin.searching.snapshot.snapshot import KINDS, Snapshot

_MOST_FOLDERS = 300
_MOST_AUTHORS = 300


@dataclass(frozen=True, slots=True)
class Facets:
    """Each value with its count, the most frequent first.

    The counts are files for languages, extensions and folders, chunks for kinds, and files and
    commits for authors. Folders are paths whose parts are separated by "/". Folders and authors
    contain only the 300 most frequent values.
    """

    languages: Mapping[str, int]
    extensions: Mapping[str, int]
    folders: Mapping[str, int]
    kinds: Mapping[str, int]
    authors: Mapping[str, int]


def facets_of(views: Sequence[Snapshot]) -> Facets:
    """Count the filter values of all views; about 20 ms for 10,000 files."""
    records = [block.record for view in views for block in view.blocks]
    files = [record for record in records if is_file(record.path)]
    kinds: Counter[str] = Counter()
    for view in views:
        counts = np.bincount(view.node_kind, minlength=len(KINDS)).tolist()
        kinds.update({kind.value: count for kind, count in zip(KINDS, counts, strict=True) if count})
    return Facets(
        languages=_counted(record.language for record in files),
        extensions=_counted(_extension(record.path) for record in files),
        folders=_counted((folder for record in files for folder in _folders(record)), _MOST_FOLDERS),
        kinds=dict(kinds.most_common()),
        authors=_counted((record.author for record in records), _MOST_AUTHORS),
    )


def _counted(values: Iterable[str], most: int | None = None) -> dict[str, int]:
    return dict(Counter(filter(None, values)).most_common(most))


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name.lstrip(".") else ""


def _folders(record: FileRecord) -> Iterable[str]:
    parts = record.path.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
