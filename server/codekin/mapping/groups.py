"""Folders that tell the parts of a workspace apart: the top ones, and those within a top one that holds most of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_MOST = 12
_LARGE_SHARE = 0.4
REST = ""
"""The group of what lies in none of the named folders."""


def folder_groups(paths: Sequence[str], counts: Sequence[int]) -> tuple[list[str], list[int]]:
    """(folders, the position of each path's folder among them): `paths` with "/" between their parts, `counts` the points of
    each. The folder with the most points first, at most twelve; `REST` stands for files beside folders and for the others.
    """
    owners = [_at_depth(path, 1) for path in paths]
    whole: set[str] = {REST}
    while divisible := {name: size for name, size in _sizes(owners, counts).items() if name not in whole}:
        largest = max(divisible, key=lambda name: (divisible[name], name))
        inner = _divided(largest, owners, paths)
        if divisible[largest] <= _LARGE_SHARE * sum(counts):
            break
        whole.add(largest)  # what lies right in it is not divided further
        if len(set(inner)) <= _MOST:
            owners = inner
    sizes = _sizes(owners, counts)
    kept = [name for name, _ in sorted(sizes.items(), key=lambda item: (-item[1], item[0])) if name][:_MOST]
    names = [*kept, REST] if any(owner not in kept for owner in owners) else kept
    place = {name: number for number, name in enumerate(names)}
    return names, [place.get(owner, len(names) - 1) for owner in owners]


def _divided(folder: str, owners: Sequence[str], paths: Sequence[str]) -> list[str]:
    """The owners with this one replaced by the first folders below it that part its files; the same where none do."""
    own = [path for path, owner in zip(paths, owners, strict=True) if owner == folder]
    depths = range(folder.count("/") + 2, max(path.count("/") for path in own) + 1)
    depth = next((depth for depth in depths if len({_at_depth(path, depth) for path in own}) > 1), 0)
    return [
        _at_depth(path, depth) if depth and owner == folder else owner
        for path, owner in zip(paths, owners, strict=True)
    ]


def _at_depth(path: str, depth: int) -> str:
    """The folder of so many parts that the path lies in, or the deepest above."""
    return "/".join(path.split("/")[:-1][:depth])


def _sizes(owners: Sequence[str], counts: Sequence[int]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for owner, count in zip(owners, counts, strict=True):
        sizes[owner] += count
    return sizes
