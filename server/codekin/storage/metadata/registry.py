"""The registry of metadata stores, and the choice between them at start-up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codekin.domain.ports import MetadataStore
from codekin.errors import IndexUnavailableError, StoreRefusedError

Choice = Literal["auto", "sqlite", "memory"]


async def _open_sqlite(directory: Path, *, read_only: bool) -> MetadataStore:
    from codekin.storage.metadata.sqlite import SqliteMetadataStore  # noqa: PLC0415 - the binding may be missing

    return await SqliteMetadataStore.open(directory, read_only=read_only)


async def _open_memory(directory: Path, *, read_only: bool) -> MetadataStore:
    from codekin.storage.metadata.memory import MemoryMetadataStore  # noqa: PLC0415 - rarely needed

    return await MemoryMetadataStore.open(directory, read_only=read_only)


METADATA_STORES: dict[str, Callable[..., Awaitable[MetadataStore]]] = {"sqlite": _open_sqlite, "memory": _open_memory}
"""Name → opener(directory, *, read_only)."""


@dataclass(frozen=True, slots=True)
class OpenedMetadata:
    """A store with its description for the status.

    `to_fix` says how to get a better store, and is empty if there is none. `damage` describes data
    that was discarded, and is empty if nothing was.
    """

    store: MetadataStore
    why: str
    path: str
    to_fix: str = ""
    damage: str = ""


async def open_metadata(directory: Path, choice: Choice, *, read_only: bool = False) -> OpenedMetadata:
    """Open the SQLite store, or the memory store if SQLite is unavailable or `choice` is "memory".

    With "auto", the memory store is the fallback only if SQLite cannot be imported or the file
    system refuses its file. A file that another process has locked, or a corrupt file that is
    opened read-only, is an error: the same index in two stores would be two sources of truth.
    Raises IndexUnavailableError.
    """
    if choice == "memory":
        return _opened(await _open_memory(directory, read_only=read_only), "chosen by setting", directory)
    try:
        store = await _open_sqlite(directory, read_only=read_only)
    except (ImportError, OSError, StoreRefusedError) as error:
        if choice == "sqlite":
            raise IndexUnavailableError(f"The setting requires SQLite, which cannot be used: {error}") from error
        return await _without_sqlite(directory, error, read_only=read_only)
    return _opened(store, "default" if choice == "auto" else "chosen by setting", directory)


async def _without_sqlite(directory: Path, error: Exception, *, read_only: bool) -> OpenedMetadata:
    missing = isinstance(error, ImportError)
    what = "Python's sqlite3 module cannot be imported" if missing else "SQLite cannot open its file"
    to_fix = (
        "To fix: install a Python built with SQLite (on Debian: the python3 package, or libsqlite3-dev at build time)."
        if missing
        else f"To fix: make {directory} readable and writable, or delete it."
    )
    why = f"{what} ({error}); metadata is kept in memory and saved as a snapshot"
    return _opened(await _open_memory(directory, read_only=read_only), why, directory, to_fix)


def _opened(store: MetadataStore, why: str, directory: Path, to_fix: str = "") -> OpenedMetadata:
    damage = getattr(store, "note", "")
    return OpenedMetadata(store, f"{why}; {damage}" if damage else why, str(directory), to_fix, damage)
