"""The project of a file, for clients that name no workspace folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

_MARKERS = (
    ".git",
    ".hg",
    "pyproject.toml",
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "mix.exs",
)


def project_of(path: Path) -> Path:
    """Return the nearest folder above a file that contains a project marker, or else the file.

    The home folder, the temporary folder and the folders above them never count as projects,
    because a user who opens one note does not want everything there indexed.
    """
    never = {Path(path.anchor)}
    for folder in (Path.home(), Path(tempfile.gettempdir())):
        never.update((folder.resolve(), *folder.resolve().parents))
    for folder in path.parents:
        if folder.resolve() not in never and any((folder / marker).exists() for marker in _MARKERS):
            return folder
    return path
