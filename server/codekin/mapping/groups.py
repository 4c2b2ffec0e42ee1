"""Folders that group the files of a workspace: the top ones, and those within a dominant one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_MOST = 12
_LARGE_SHARE = 0.4
REST = ""
"""The group of files that are in none of the named folders."""


def folder_groups(paths: Sequence[str], counts: Sequence[int]) -> tuple[list[str], list[int]]:
    """Return (folders, the position of each path's folder among them), at most twelve folders.

    `paths` have "/" between their parts; `counts` are the points of each. The folder with the most
    points comes first. `REST` is the group of files outside folders and in other folders.
    """
    owners = [_at_depth(path, 1) for path in paths]
    final: set[str] = {REST}
    while divisible := {name: size for name, size in _sizes(owners, counts).items() if name not in final}:
        largest = max(divisible, key=lambda name: (divisible[name], name))
        inner = _divided(largest, owners, paths)
        if divisible[largest] <= _LARGE_SHARE * sum(counts):
            break
        final.add(largest)  # files directly in it are not divided further
        if len(set(inner)) <= _MOST:
            owners = inner
    sizes = _sizes(owners, counts)
    kept = [name for name, _ in sorted(sizes.items(), key=lambda item: (-item[1], item[0])) if name][:_MOST]
    names = [*kept, REST] if any(owner not in kept for owner in owners) else kept
    place = {name: number for number, name in enumerate(names)}
    return names, [place.get(owner, len(names) - 1) for owner in owners]


def _divided(folder: str, owners: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Replace an owner by the first folders below it that separate its files, if there are any."""
    own = [path for path, owner in zip(paths, owners, strict=True) if owner == folder]
    depths = range(folder.count("/") + 2, max(path.count("/") for path in own) + 1)
    depth = next((depth for depth in depths if len({_at_depth(path, depth) for path in own}) > 1), 0)
    return [
        _at_depth(path, depth) if depth and owner == folder else owner
        for path, owner in zip(paths, owners, strict=True)
    ]


def _at_depth(path: str, depth: int) -> str:
    """Return the first `depth` parts of a path's folder, or the folder if it has fewer."""
    return "/".join(path.split("/")[:-1][:depth])


def _sizes(owners: Sequence[str], counts: Sequence[int]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for owner, count in zip(owners, counts, strict=True):
        sizes[owner] += count
    return sizes
