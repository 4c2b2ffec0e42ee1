"""Segments of one index used by another: one file with two names, as long as none is deleted.

A segment never changes after it was written, so that neither index notices the other. Damage of the
shared file is found by checksums in both, and each rebuilds its own rows.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from codekin import whole_files
from codekin.errors import IndexUnavailableError
from codekin.storage.segments import MANIFEST

_TRIES = 5


def link_segments(source: Path, target: Path) -> None:
    """Create a directory with the live segments of another one, which its writer may be changing.

    The target is not complete before this returns. Raises OSError, and IndexUnavailableError if the
    segments keep changing.
    """
    for _ in range(_TRIES):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(mode=0o700, parents=True)
        manifest = whole_files.read_whole(source / MANIFEST)
        try:
            for path in source.glob("*.segment"):
                link_file(path, target / path.name)
        except FileNotFoundError:
            continue  # The writer merged segments meanwhile.
        if whole_files.read_whole(source / MANIFEST) == manifest:
            # Segments are deleted after the manifest was replaced, so all that it names are here.
            (target / MANIFEST).write_bytes(manifest)
            return
    raise IndexUnavailableError(f"Could not link {source}: another process changed it during every attempt. Try again.")


def link_file(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no second names.

    Raises OSError.
    """
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
