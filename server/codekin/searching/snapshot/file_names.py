"""Files by their names, for paths and modules that a text names as another machine has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_OF_FOLDER = frozenset(("__init__", "__main__", "index", "init", "mod", "main", "lib"))
"""Stems of files that are named after their folder as well."""


class FileNames:
    """The files of a snapshot by name and by stem, in lower case. Immutable."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Take the paths in the order of the files."""
        self._folders: list[list[str]] = []
        self._by_name: dict[str, list[int]] = {}
        self._by_stem: dict[str, list[tuple[int, int]]] = {}
        for file, path in enumerate(paths):
            *folders, name = path.lower().split("/")
            stem = name.rpartition(".")[0] or name
            self._folders.append(folders)
            self._by_name.setdefault(name, []).append(file)
            self._by_stem.setdefault(stem, []).append((file, len(folders)))
            if stem in _OF_FOLDER and folders:
                self._by_stem.setdefault(folders[-1], []).append((file, len(folders) - 1))

    def of_path(self, path: str) -> Mapping[int, float]:
        """Return the files whose paths share the longest end with `path`, and a share of 1 each."""
        *folders, name = path.lower().split("/")
        found = [(file, len(self._folders[file])) for file in self._by_name.get(name, ())]
        return self._longest(found, folders, 0)

    def of_module(self, names: Sequence[str]) -> Mapping[int, float]:
        """Return the files of a qualified name, such as of "app.config.Loader", likewise.

        The last part that names a file must have its folder before it.
        """
        lowered = [name.lower() for name in names]
        for at in range(len(lowered) - 1, 0, -1):
            if found := self._longest(self._by_stem.get(lowered[at], ()), lowered[:at], 1):
                return found
        return {}

    def of_stem(self, word: str) -> Mapping[int, float]:
        """Return the files with this stem, and a share of 1 each."""
        found = self._by_stem.get(word.lower(), ())
        return {file: 1 / len(found) for file, _ in found}

    def _longest(self, found: Sequence[tuple[int, int]], folders: Sequence[str], least: int) -> dict[int, float]:
        """Keep those with most folders in common with the end of `folders`, at least `least`."""
        shared = [_common_end(self._folders[file][:depth], folders) for file, depth in found]
        most = max(shared, default=-1)
        best = [file for (file, _), count in zip(found, shared, strict=True) if count == most >= least]
        return {file: 1 / len(best) for file in best}


def _common_end(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count
