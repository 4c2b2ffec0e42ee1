"""Files by their names, for paths and modules that a text names as another machine has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

_OF_FOLDER = frozenset(("__init__", "__main__", "index", "init", "mod", "main", "lib"))
"""Stems of files that are named after their folder as well."""


class FileNames:
    """The files of a snapshot by name and by stem, in lower case. Immutable.

    Names are found by their hashes and compared in the paths, so that a file takes 30 bytes.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Take the paths in the order of the files; about 1 µs for each."""
        self._paths = paths
        names: list[int] = []
        stems: list[int] = []
        files: list[int] = []
        for file, path in enumerate(paths):
            folder, _, name = path.lower().rpartition("/")
            stem = name.rpartition(".")[0] or name
            names.append(hash(name))
            stems.append(hash(stem))
            files.append(file)
            if stem in _OF_FOLDER and folder:
                stems.append(hash(folder.rpartition("/")[2]))
                files.append(-1 - file)
        self._by_name = _Hashes(names, range(len(names)))
        self._by_stem = _Hashes(stems, files)

    def of_path(self, path: str) -> Mapping[int, float]:
        """Return the files whose paths share the longest end with `path`, and a share of 1 each."""
        *folders, name = path.lower().split("/")
        named = ((file, *self._split(file)) for file in self._by_name.having(name))
        return _longest([(file, own) for file, own, other in named if other == name], folders, 0)

    def of_module(self, names: Sequence[str]) -> Mapping[int, float]:
        """Return the files of a qualified name, such as of "app.config.Loader", likewise.

        The last part that names a file must have its folder before it.
        """
        lowered = [name.lower() for name in names]
        for at in range(len(lowered) - 1, 0, -1):
            if found := _longest(list(self._named(lowered[at])), lowered[:at], 1):
                return found
        return {}

    def of_stem(self, word: str) -> Mapping[int, float]:
        """Return the files with this stem, and a share of 1 each."""
        found = list(self._named(word.lower()))
        return {file: 1 / len(found) for file, _ in found}

    def _named(self, stem: str) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield (file, folders above) for the files with a stem, and for those of such a folder."""
        for number in self._by_stem.having(stem):
            file = number if number >= 0 else -1 - number
            folders, name = self._split(file)
            if number < 0 and folders[-1] == stem:
                yield file, folders[:-1]
            elif number >= 0 and (name.rpartition(".")[0] or name) == stem:
                yield file, folders

    def _split(self, file: int) -> tuple[list[str], str]:
        *folders, name = self._paths[file].lower().split("/")
        return folders, name


class _Hashes:
    """Numbers by the hashes of texts."""

    def __init__(self, hashes: Sequence[int], numbers: Sequence[int]) -> None:
        unordered = np.array(hashes, np.int64)
        order = np.argsort(unordered, kind="stable")
        self._hashes = unordered[order]
        self._numbers: npt.NDArray[np.int32] = np.array(numbers, np.int32)[order]

    def having(self, text: str) -> list[int]:
        """Return the numbers, in the order given, whose text has the same hash as this one."""
        first, last = np.searchsorted(self._hashes, hash(text)), np.searchsorted(self._hashes, hash(text), "right")
        numbers: list[int] = self._numbers[first:last].tolist()
        return numbers


def _longest(found: Sequence[tuple[int, Sequence[str]]], folders: Sequence[str], least: int) -> dict[int, float]:
    """Keep those with most folders in common with the end of `folders`, at least `least`."""
    shared = [_common_end(own, folders) for _, own in found]
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
