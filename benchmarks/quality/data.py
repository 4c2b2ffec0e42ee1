"""The development set on disk: queries, and the indexed folder of each repository."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Query:
    """A labelled query. `targets` are paths relative to the repository's folder."""

    id: str
    repo: str
    category: str
    text: str
    no_name_overlap: bool
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of the set.

    `prefix` makes paths below `root`, the indexed folder, relative to the repository's folder.
    """

    name: str
    root: Path
    prefix: str
    queries: tuple[Query, ...]


def read_queries(files: Sequence[Path]) -> list[Query]:
    """Return all queries of several files with one JSON object per line."""
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        Query(
            item["id"],
            item["repo"],
            item["category"],
            item["query"],
            item["no_name_overlap"],
            tuple(target["path"] for target in item["targets"]),
        )
        for item in lines
    ]


def read_repositories(folder: Path, listed: Path, queries: Sequence[Query], only: Sequence[str]) -> list[Repository]:
    """Return the repositories that the queries are about, in the order of `listed` (repos.json).

    `only` restricts them by name.
    """
    found: list[Repository] = []
    for item in json.loads(listed.read_text(encoding="utf-8")):
        name, inner = item["name"], item["index_root"]
        own = tuple(query for query in queries if query.repo == name)
        if own and (not only or name in only):
            found.append(Repository(name, folder / name / inner, "" if inner == "." else f"{inner}/", own))
    return found
