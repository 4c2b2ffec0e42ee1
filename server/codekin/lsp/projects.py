"""The project that a file belongs to, for clients that name no workspace folder."""

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
    """Return the nearest folder above a file that looks like a project, or the file itself where none does.

    The home folder, the temporary folder and what lies above them are never taken for a project, whatever they hold: nobody
    who opens one note wants all of them indexed.
    """
    never = {Path(path.anchor)}
    for folder in (Path.home(), Path(tempfile.gettempdir())):
        never.update((folder.resolve(), *folder.resolve().parents))
    for folder in path.parents:
        if folder.resolve() not in never and any((folder / marker).exists() for marker in _MARKERS):
            return folder
    return path
