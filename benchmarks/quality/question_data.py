"""Issues and commit messages on disk: rows, samples of them, and the trees that they are about."""

from __future__ import annotations

import json
import random
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """An issue or a commit message. `targets` are the paths of the files that it changed.

    `ref` is the branch of the repository that contains the tree, or "" if there is one tree.
    `names_path` is whether the text contains the path or the name of a target.
    """

    id: str
    repo: str
    language: str
    kind: str
    text: str
    targets: tuple[str, ...]
    ref: str
    names_path: bool

    @property
    def group(self) -> str:
        """The repository, which may occur in both kinds."""
        return f"{self.kind} {self.repo}"

    @property
    def tree(self) -> str:
        """The name of the folder with the tree."""
        return "-".join(filter(None, (self.kind, self.repo, self.ref)))


def read_rows(folder: Path) -> list[Row]:
    """Return the rows of a folder with issues.jsonl and commits.jsonl."""
    lines = [
        json.loads(line)
        for name in ("issues", "commits")
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return [
        Row(
            item["id"],
            item["repo"],
            item["language"],
            item["kind"],
            item["query"],
            tuple(target["path"] for target in item["targets"]),
            item["ref"] or "",
            item["names_path"],
        )
        for item in lines
    ]


def sampled(rows: Sequence[Row], issues: int, commits: int, seed: int) -> list[Row]:
    """Return about so many issues and commits, as many from each repository as it allows."""
    chosen: list[Row] = []
    for kind, count in (("issue", issues), ("commit", commits)):
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.kind == kind:
                groups[row.group].append(row)
        order = random.Random(seed)
        shuffled = [order.sample(group, len(group)) for _, group in sorted(groups.items())]
        turns = [row for turn in range(max(map(len, shuffled), default=0)) for row in _nth(shuffled, turn)]
        chosen += turns[:count]
    return chosen


def _nth(groups: Iterable[Sequence[Row]], turn: int) -> list[Row]:
    return [group[turn] for group in groups if turn < len(group)]


def unpacked(folder: Path, row: Row, keep: Path) -> Path:
    """Return the tree of a row, unpacked below `keep` unless an earlier run has done so."""
    tree = keep / "trees" / row.tree
    if tree.exists():
        return tree
    made = tree.with_name(f"{row.tree}.part")
    made.mkdir(parents=True, exist_ok=True)
    if not row.ref:
        _run("tar", "-xf", folder / "commits" / f"{row.repo}.tar.xz", "-C", made)
        (made / row.repo).rename(tree)
        return tree
    bare = keep / "bare" / f"{row.repo}.git"
    if not bare.exists():
        bare.parent.mkdir(parents=True, exist_ok=True)
        _run("tar", "-xf", folder / "issues" / f"{row.repo}.git.tar.xz", "-C", bare.parent)
    packed = made.with_suffix(".tar")
    _run("git", "--git-dir", bare, "archive", "-o", packed, row.ref)
    _run("tar", "-xf", packed, "-C", made)
    packed.unlink()
    made.rename(tree)
    return tree


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, timeout=300)
