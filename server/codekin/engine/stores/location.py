"""The location of a folder's index, and other indexes of the same repository that have vectors."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import msgspec

from codekin.config import INSIDE, MANIFEST, Config, directory_name, slug
from codekin.disk import make_private_folder, mode_of, read_bounded, write_private
from codekin.engine.stores.trust import foreign_part, known_token, own_token, tracked_part
from codekin.errors import GitError, IndexUnavailableError
from codekin.files import as_text
from codekin.git import find_git_directory

_MANIFEST_BYTES = 100_000
_MAX_WORKTREES = 1_000


class _Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The manifest of an index folder; `token` is set for a folder in a workspace."""

    root: str
    repository: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class IndexLocation:
    """The folders of one root's index.

    `directory` contains everything about the root; `repository` is the shared git directory, ""
    outside git. `only` is the name of a single file that was opened without a project; "" for a
    folder.
    """

    root: Path
    directory: Path
    repository: str
    only: str = ""

    def vectors_directory(self, backend: str, embedder: str) -> Path:
        """Return the folder of one store and model; vectors of two models are never mixed."""
        return self.directory / "vectors" / f"{backend}-{slug(embedder)}"

    @property
    def lexical_directory(self) -> Path:
        """The folder of the postings."""
        return self.directory / "lexical"

    def relative(self, path: Path) -> str:
        """Return the path below the root with "/" as separator, or "" if it is outside.

        Links in the folders above are resolved.
        """
        absolute = Path(os.path.normpath(path if path.is_absolute() else Path.cwd() / path))
        for candidate in (absolute, absolute.parent.resolve() / absolute.name):
            if candidate.is_relative_to(self.root) and candidate != self.root:
                relative = candidate.relative_to(self.root).as_posix()
                return relative if self.only in ("", relative) else ""
        return ""


def real_root(root: Path) -> str:
    """Return the folder or single file with all links resolved, or "" if it is neither."""
    return str(root.resolve()) if root.is_dir() or root.is_file() else ""


def is_folder(real: str) -> bool:
    """Return whether a real path is a folder, not a single file."""
    return Path(real).is_dir()


def location_of(config: Config, root: Path) -> IndexLocation:
    """Create the index folder if necessary, for its owner only, and return the location.

    An existing folder that is read-only is used as well, because it can be searched. Raises
    IndexUnavailableError, also for a folder in the workspace that is not this user's own.
    """
    real = root.resolve()
    only = "" if real.is_dir() else real.name
    in_workspace = config.place == "workspace" and not only
    directory = (msgspec.structs.replace(config, place="cache") if only else config).index_path(real)
    real = real.parent if only else real
    location = IndexLocation(real, directory, "" if only else _repository(real), only)
    manifest = _Manifest(as_text(str(real)), as_text(location.repository))
    try:
        if in_workspace:
            _make_inside(config, location, manifest)
        else:
            make_private_folder(directory)
            _write_manifest(directory, manifest)
    except OSError as error:
        raise IndexUnavailableError(
            f"Could not use the index folder {directory}: {error.strerror}. To fix: allow writing to it, or choose another "
            "folder with CODEKIN_HOME."
        ) from error
    return location


def for_single_file(config: Config, name: str) -> Config:
    """Return the settings for a file opened without a project: no other file is indexed."""
    pattern = "!/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", name)
    return msgspec.structs.replace(config, exclude=("*", pattern), include=(), watch=False, history=False)


def sibling_directories(config: Config, location: IndexLocation) -> list[Path]:
    """Return the index folders of other worktrees of the same repository, created by this user."""
    if not location.repository:
        return []
    cached = sorted(_indexes(config).glob(f"*/{MANIFEST}"))
    found = [manifest.parent for manifest in cached if _read(manifest).repository == as_text(location.repository)]
    known = [path for path in found if not foreign_part(path)]
    if config.place == "workspace":
        roots = _worktrees(Path(location.repository))
        known += [root / INSIDE for root in roots if _is_dir(root / INSIDE) and not _distrust(config, root)]
    return [path for path in dict.fromkeys(known) if path != location.directory]


def _make_inside(config: Config, location: IndexLocation, manifest: _Manifest) -> None:
    """Create the index folder in the workspace with its token, or check an existing one."""
    directory = location.directory
    if not os.path.lexists(directory):
        token = own_token(_record(config, location.root))
        fresh = directory.with_name(f"{INSIDE}.{os.getpid()}.partial")
        shutil.rmtree(fresh, ignore_errors=True)  # left by an earlier process with the same number
        fresh.mkdir(mode=0o700)
        write_private(fresh / ".gitignore", b"*\n")
        _write_manifest(fresh, msgspec.structs.replace(manifest, token=token))
        try:
            fresh.rename(directory)
        except OSError:  # another process created it first, or it cannot be created; checked next
            shutil.rmtree(fresh, ignore_errors=True)
            if not _is_dir(directory):
                raise
    if reason := _distrust(config, location.root):
        raise IndexUnavailableError(
            f"The index folder {directory} is not used: {reason}. It may have come with the repository. To fix: delete it, "
            'so that it is rebuilt, or set `place` to "cache".'
        )
    _write_manifest(directory, msgspec.structs.replace(manifest, token=_read(directory / MANIFEST).token))


def _distrust(config: Config, root: Path) -> str:
    """Return why the index folder in a workspace is not used, or "" if it is this user's own.

    Raises OSError.
    """
    directory = root / INSIDE
    if reason := foreign_part(directory) or tracked_part(directory):
        return reason
    token = known_token(_record(config, root))
    if config.trust_workspace_index or (token and _read(directory / MANIFEST).token == token):
        return ""
    return "it was not created by this user on this machine, or by an older version"


def _record(config: Config, root: Path) -> Path:
    """Return the file in the user's home with the token for the index folder in a workspace."""
    return config.home_path() / "workspaces" / directory_name(root.resolve())


def _write_manifest(directory: Path, manifest: _Manifest) -> None:
    """Write the manifest if it differs.

    A manifest in a read-only folder stays as it is: its user may only read the index.
    """
    data = msgspec.json.encode(manifest)
    known = read_bounded(directory / MANIFEST, _MANIFEST_BYTES)
    if known == data:
        return
    try:
        write_private(directory / MANIFEST, data)
    except OSError:
        if known is None:
            raise


def _indexes(config: Config) -> Path:
    return config.home_path() / "indexes"


def _read(manifest: Path) -> _Manifest:
    try:
        return msgspec.json.decode(read_bounded(manifest, _MANIFEST_BYTES) or b"", type=_Manifest)
    except msgspec.DecodeError:
        return _Manifest(root="")


def _repository(root: Path) -> str:
    """Return the git directory that all worktrees share.

    Returns "" outside git and for an invalid `.git`, which the history reports.
    """
    try:
        found = find_git_directory(root)
    except GitError:
        return ""
    return str(found.common) if found else ""


def _worktrees(repository: Path) -> list[Path]:
    links = sorted(repository.glob("worktrees/*/gitdir"))[:_MAX_WORKTREES]
    names = [(read_bounded(link, _MANIFEST_BYTES) or b"").decode("utf-8", "surrogateescape").strip() for link in links]
    return [repository.parent, *(Path(name).parent for name in names if name and "\0" not in name)]


def _is_dir(path: Path) -> bool:
    return stat.S_ISDIR(mode_of(path))
