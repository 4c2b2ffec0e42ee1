"""Where the index of a folder lies, and where vectors of the same repository may already lie."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from codekin.config import Config
from codekin.errors import IndexUnavailableError
from codekin.watching import as_text

_MANIFEST = "index.json"
_NOT_SAFE = re.compile(r"[^\w.-]+")


class _Manifest(msgspec.Struct, frozen=True):
    root: str
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """`directory` holds everything about one root; `repository` is the shared git directory, "" outside git."""

    root: Path
    directory: Path
    repository: str

    def vectors_directory(self, backend: str, embedder: str) -> Path:
        """One directory for each store and model: vectors of two models never meet."""
        return self.directory / "vectors" / f"{backend}-{_slug(embedder)}"

    @property
    def lexical_directory(self) -> Path:
        """Where the postings lie."""
        return self.directory / "lexical"

    def relative(self, path: Path) -> str:
        """Path below the root with "/" between its parts, "" when it lies elsewhere. Links in the folders above are resolved."""
        absolute = Path(os.path.normpath(path if path.is_absolute() else Path.cwd() / path))
        for candidate in (absolute, absolute.parent.resolve() / absolute.name):
            if candidate.is_relative_to(self.root) and candidate != self.root:
                return candidate.relative_to(self.root).as_posix()
        return ""


def real_folder(root: Path) -> str:
    """The folder with all links resolved, "" when it is no folder."""
    return str(root.resolve()) if root.is_dir() else ""


def place_of(config: Config, root: Path) -> Place:
    """Creates the directory, readable by its owner only. Raises IndexUnavailableError."""
    real = root.resolve()
    directory = real / ".codekin" if config.place == "workspace" else _indexes(config) / _directory_name(real)
    place = Place(real, directory, _repository(real))
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if config.place == "workspace":
            (directory / ".gitignore").write_text("*\n", encoding="utf-8")
        manifest = msgspec.json.encode(_Manifest(as_text(str(real)), as_text(place.repository)))
        if not (directory / _MANIFEST).exists() or (directory / _MANIFEST).read_bytes() != manifest:
            partial = directory / f"{_MANIFEST}.{os.getpid()}.partial"
            partial.write_bytes(manifest)
            partial.replace(directory / _MANIFEST)
    except OSError as error:
        raise IndexUnavailableError(f"The index directory {directory} cannot be written: {error.strerror}.") from error
    return place


def sibling_directories(config: Config, place: Place) -> list[Path]:
    """Index directories of other worktrees of the same repository."""
    if not place.repository:
        return []
    roots = _worktrees(Path(place.repository))
    inside = [root / ".codekin" for root in roots]
    cached = sorted(_indexes(config).glob(f"*/{_MANIFEST}"))
    found = [manifest.parent for manifest in cached if _read(manifest).repository == as_text(place.repository)]
    return [path for path in dict.fromkeys([*found, *inside]) if path != place.directory and path.is_dir()]


def _indexes(config: Config) -> Path:
    return config.home_path() / "indexes"


def _directory_name(root: Path) -> str:
    digest = hashlib.blake2b(os.path.normcase(root).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return f"{_slug(root.name)[:40]}-{digest}"


def _slug(text: str) -> str:
    return _NOT_SAFE.sub("-", text).strip("-") or "root"


def _read(manifest: Path) -> _Manifest:
    try:
        return msgspec.json.decode(manifest.read_bytes(), type=_Manifest)
    except (OSError, msgspec.DecodeError):
        return _Manifest(root="")


def _repository(root: Path) -> str:
    """The git directory that all worktrees share, found without running git."""
    for folder in (root, *root.parents):
        entry = folder / ".git"
        if entry.is_dir():
            return str(entry.resolve())
        if entry.is_file():
            git_directory = _pointer(entry, "gitdir:")
            common = git_directory / "commondir"
            return str((git_directory / _first_line(common)).resolve() if common.is_file() else git_directory.resolve())
    return ""


def _worktrees(repository: Path) -> list[Path]:
    links = sorted(repository.glob("worktrees/*/gitdir"))
    return [repository.parent, *(Path(_first_line(link)).parent for link in links)]


def _pointer(file: Path, prefix: str) -> Path:
    target = Path(_first_line(file).removeprefix(prefix).strip())
    return target if target.is_absolute() else file.parent / target


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape").split("\n", 1)[0].strip()
    except OSError:
        return ""
