"""The folder that an agent asks about, which may run its commands in a folder within it."""

from __future__ import annotations

from pathlib import Path

from codekin.config import MANIFEST, Config
from codekin.errors import GitError


def workspace_of(config: Config, folder: Path) -> Path:
    """Return the folder whose index answers an agent that runs in `folder`, with a real path.

    It is the highest one with an index in the git work tree of `folder`, or else the work tree.
    Outside git, and where the work tree is the home folder or the root of the disk, it is `folder`.
    """
    from codekin.git import find_git_directory  # noqa: PLC0415 - not every command asks

    real = folder.resolve()
    try:
        found = find_git_directory(real)
    except GitError:
        return real  # the status of the index says what is wrong with the repository
    top = found.top if found else None
    if top is None or top == top.parent or top == Path.home():
        return real
    within = [top, *reversed([parent for parent in real.parents if parent.is_relative_to(top) and parent != top]), real]
    indexed = (place for place in within if (config.index_path(place) / MANIFEST).is_file())
    return next(indexed, top)
