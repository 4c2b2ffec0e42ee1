"""Filter values that occur in a workspace, with their counts, for completion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
    """Count the filter values of all views; about 10 ms for 10,000 files."""
    kinds: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    authors: Counter[str] = Counter()
    for view in views:
        facts = view.blocks.facts()
        authors.update(_counts(facts.authors, facts.author))
        kinds.update(_counts([kind.value for kind in KINDS], view.node_kind))
        if not view.of_records:
            languages.update(_counts(facts.languages, facts.language))
    paths = [path for view in views if not view.of_records for path in view.blocks.paths]
    folders: Counter[str] = Counter()
    for folder, count in Counter(path.rpartition("/")[0] for path in paths).items():
        folders.update(dict.fromkeys(_with_parents(folder), count))
    return Facets(
        languages=_ordered(languages),
        extensions=_ordered(Counter(map(_extension, paths))),
        folders=_ordered(folders, _MOST_FOLDERS),
        kinds=_ordered(kinds),
        authors=_ordered(authors, _MOST_AUTHORS),
    )


def _counts(values: Sequence[str], places: npt.NDArray[Any]) -> dict[str, int]:
    counts = np.bincount(places, minlength=len(values)).tolist()
    return {value: count for value, count in zip(values, counts, strict=True) if count}


def _ordered(counts: Counter[str], most: int | None = None) -> dict[str, int]:
    return dict([(value, count) for value, count in counts.most_common() if value][:most])


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name.lstrip(".") else ""


def _with_parents(folder: str) -> Iterable[str]:
    parts = folder.split("/")
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
