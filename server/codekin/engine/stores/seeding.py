"""The first index of a worktree, made from the index of another worktree of the same repository.

Segments are shared between both, the metadata is copied, and the first pass reads what differs. A
process may be killed at any moment: without metadata there is no index yet, and it is made again.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from codekin import whole_files
from codekin.config import Config
from codekin.engine.stores.location import IndexLocation, sibling_directories
from codekin.engine.stores.stored_columns import COLUMN_FILES
from codekin.errors import IndexUnavailableError
from codekin.storage import FLAT, link_file, link_segments

_MOST_CANDIDATES = 3
_log = logging.getLogger(__name__)


def seed(config: Config, location: IndexLocation, *, required: Mapping[str, str], kept: tuple[str, ...]) -> bool:
    """Make the index from that of another worktree, if there is none; return whether it was made.

    The other index must have the `required` facts; the `kept` ones are copied as well. Only the
    writer may call. Blocking, in proportion to the size of the metadata. A failure is logged, and
    the index is then made from the files.
    """
    if not location.repository or config.metadata == "memory":
        return False
    try:
        from codekin.storage.metadata.copied_metadata import has_metadata, metadata_bytes  # noqa: PLC0415 - see there
    except ImportError:
        return False  # Without SQLite, the metadata is in memory.
    if has_metadata(location.directory):
        return False
    siblings = [path for path in sibling_directories(config, location) if has_metadata(path)]
    for sibling in sorted(siblings, key=metadata_bytes, reverse=True)[:_MOST_CANDIDATES]:
        try:
            if _seeded(sibling, location.directory, required, kept):
                _log.info("The index %s was made from %s.", location.directory, sibling)
                return True
        except (OSError, IndexUnavailableError) as error:
            _log.warning("The index could not be made from %s (%s). It is made from the files.", sibling, error)
    return False


def _seeded(sibling: Path, directory: Path, required: Mapping[str, str], kept: tuple[str, ...]) -> bool:
    from codekin.storage.metadata.copied_metadata import copy_metadata, install_metadata  # noqa: PLC0415 - see there

    staged = directory / f"seed{whole_files.PARTIAL}"
    shutil.rmtree(staged, ignore_errors=True)  # left by a process that was killed
    staged.mkdir(mode=0o700)
    try:
        # What the metadata names was stored before it, so it is copied first and moved last.
        metadata = staged / "metadata"
        if not copy_metadata(sibling, metadata, required=required, kept=kept):
            return False
        parts = ["lexical", "trigrams", *_vectors(sibling)]
        for name in parts:
            if (sibling / name / "MANIFEST").is_file():
                link_segments(sibling / name, staged / name)
        for name in COLUMN_FILES:
            with suppress(FileNotFoundError):
                link_file(sibling / name, staged / name)
        return install_metadata(metadata, directory, lambda: _move(staged, directory, (*parts, *COLUMN_FILES)))
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _vectors(sibling: Path) -> list[str]:
    """Return the folders of the flat indexes, below the folder of the index."""
    return [f"vectors/{path.name}" for path in sorted((sibling / "vectors").glob(f"{FLAT}-*"))]


def _move(staged: Path, directory: Path, names: tuple[str, ...]) -> None:
    """Move parts into place, instead of what a killed process left there; synced."""
    for name in names:
        source, target = staged / name, directory / name
        if source.exists():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            if target.is_dir():
                shutil.rmtree(target)
            source.replace(target)
    whole_files.SYSTEM.sync_directory(directory)
