"""The files that git tracks, read from its index without running git.

Format: gitformat-index of git, versions 2 to 4.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from codekin.files.git_ignore.repositories import Repository
from codekin.files.git_ignore.wildmatch import lower
from codekin.files.small_files import is_absent, read_small

_MAX_BYTES = 512_000_000
_HEADER_BYTES = 12
_STAT_BYTES = 40
_MODE_AT = 24
_GITLINK = 0xE
_COMPRESSED = 4
"""The version in which a path omits the prefix it shares with the one before."""
_EXTENDED, _NAME_MASK = 0x4000, 0x0FFF
_SHA1_BYTES, _SHA256_BYTES = 20, 32


@dataclass(frozen=True, slots=True)
class Tracked:
    """Tracked paths relative to the work tree, in octets, ascending.

    `links` are those of submodules. `problem` is a message for the user.
    """

    paths: Sequence[str] = ()
    links: frozenset[str] = frozenset()
    fold: bool = False
    problem: str = ""

    def has(self, path: str) -> bool:
        """Return whether git tracks exactly this file or submodule."""
        wanted = lower(path) if self.fold else path
        at = bisect_left(self.paths, wanted)
        return at < len(self.paths) and self.paths[at] == wanted

    def has_below(self, folder: str) -> bool:
        """Return whether git tracks anything in the folder, at any depth."""
        wanted = (lower(folder) if self.fold else folder) + "/"
        at = bisect_left(self.paths, wanted)
        return at < len(self.paths) and self.paths[at].startswith(wanted)

    def is_submodule(self, path: str) -> bool:
        """Return whether the folder is a submodule."""
        return (lower(path) if self.fold else path) in self.links


def stamp_of(repository: Repository) -> tuple[int, ...]:
    """Return a value that changes whenever git writes the index."""
    try:
        status = os.stat(os.path.join(repository.git_dir, "index"))
    except (OSError, ValueError):
        return ()
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def read_tracked(repository: Repository, *, is_sha256: bool = False, fold: bool = False) -> Tracked:
    """Return the paths in the index of a work tree, including those of a split index.

    Never raises: an unreadable index is reported in `problem`.
    """
    path = os.path.join(repository.git_dir, "index")
    hash_bytes = _SHA256_BYTES if is_sha256 else _SHA1_BYTES
    try:
        names, links = _read(path, repository.git_dir, hash_bytes)
    except OSError as error:
        return Tracked() if is_absent(error) else Tracked(problem=_problem(path, str(error.strerror)))
    except (ValueError, IndexError) as error:
        return Tracked(problem=_problem(path, str(error) or "corrupt"))
    if fold:
        names, links = [lower(name) for name in names], {lower(name) for name in links}
    return Tracked(sorted(set(names)) if fold else names, frozenset(links), fold)


def _problem(path: str, why: str) -> str:
    return (
        f"Could not read git's index {path} ({why}). Tracked files that match an ignore rule are skipped. "
        "To fix: run `git status` in the repository."
    )


def _read(path: str, git_dir: str, hash_bytes: int) -> tuple[list[str], set[str]]:
    data = _bytes(path)
    names, links, at = _entries(data, hash_bytes)
    while at + 8 <= len(data) - hash_bytes:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        if kind == b"link":
            return _split(data[at + 8 : at + 8 + size], git_dir, hash_bytes, names, links)
        at += 8 + size
    return [name for name in names if name], links


def _bytes(path: str) -> bytes:
    found = read_small(path, _MAX_BYTES)
    if found.is_cut:
        raise ValueError(f"larger than {_MAX_BYTES // 1_000_000} MB")
    return found.data


def _entries(data: bytes, hash_bytes: int) -> tuple[list[str], set[str], int]:
    """Return (paths in their order, paths of submodules, start of the extensions)."""
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, _COMPRESSED):
        raise ValueError("unknown format")
    text = data.decode("latin-1")
    names: list[str] = []
    links: set[str] = set()
    at, name = _HEADER_BYTES, ""
    flags_at = _STAT_BYTES + hash_bytes
    for _ in range(int.from_bytes(data[8:12], "big")):
        high = data[at + flags_at]
        start = at + flags_at + (4 if high & _EXTENDED >> 8 else 2)
        if version == _COMPRESSED:
            cut, start = _offset(data, start)
            end = data.index(0, start)
            name = name[: len(name) - cut] + text[start:end]
            following = end + 1
        else:
            length = (high << 8 | data[at + flags_at + 1]) & _NAME_MASK
            end = start + length if length < _NAME_MASK else data.index(0, start)
            name = text[start:end]
            following = at + (end - at + 8) // 8 * 8
        if data[at + _MODE_AT + 2] >> 4 == _GITLINK:
            links.add(name)
        names.append(name)
        at = following
    if at > len(data):
        raise ValueError("truncated")
    return names, links, at


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """Return (number in git's offset encoding, end position)."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = (value + 1) << 7 | byte & 0x7F
    return value, at + 1


def _split(
    link: bytes, git_dir: str, hash_bytes: int, names: Sequence[str], links: set[str]
) -> tuple[list[str], set[str]]:
    """Return the entries of a split index joined with those of the file that it shares.

    Entries of the shared file count unless deleted; own entries count if they have a name.
    """
    shared = os.path.join(git_dir, f"sharedindex.{link[:hash_bytes].hex()}")
    base, base_links, _ = _entries(_bytes(shared), hash_bytes)
    deleted = _bitmap(link[hash_bytes:]) if len(link) > hash_bytes else []
    deleted += [False] * (len(base) - len(deleted))
    kept = list(compress(base, (not gone for gone in deleted)))
    return sorted({*kept, *(name for name in names if name)}), links | base_links.intersection(kept)


def _bitmap(data: bytes) -> list[bool]:
    """Decode an EWAH bitmap: runs of equal words, then literal words."""
    words = int.from_bytes(data[4:8], "big")
    bits: list[bool] = []
    at = 8
    end = at + 8 * words
    while at < end:
        marker = int.from_bytes(data[at : at + 8], "big")
        at += 8
        bits += [bool(marker & 1)] * (64 * (marker >> 1 & 0xFFFFFFFF))
        for _ in range(marker >> 33):
            word = int.from_bytes(data[at : at + 8], "big")
            bits += [bool(word >> bit & 1) for bit in range(64)]
            at += 8
    return bits[: int.from_bytes(data[:4], "big")]
