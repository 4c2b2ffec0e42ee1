"""The choice of an index's vector store, recorded beside the index and replaced atomically."""

from __future__ import annotations

from pathlib import Path

import msgspec

from codekin import whole_files
from codekin.config import Config
from codekin.engine.stores.location import IndexLocation
from codekin.errors import IndexReadOnlyError, IndexUnavailableError, SettingsError
from codekin.storage import FLAT, parse_store

_FILE = "stores.json"
_IN_USE = "stores-in-use.json"


class SecondStoreError(SettingsError):
    """The store that should receive every change as well is unknown, or already answers."""


class StoreRecord(msgspec.Struct, frozen=True):
    """The stores in use.

    `active` answers; every change also goes to `mirror`, unless that is empty. `origin` is the
    store that a migration began with. With `compare`, both are compared after each pass.
    """

    active: str = FLAT
    mirror: str = ""
    origin: str = ""
    compare: bool = False


def read_record(location: IndexLocation) -> StoreRecord:
    """Return the record, or the default if nothing was ever moved. Raises IndexUnavailableError."""
    return _read(location.directory / _FILE)


def record_in_use(location: IndexLocation) -> StoreRecord:
    """Return the stores that the writer has open, or had open when it ended."""
    return _read(location.directory / _IN_USE)


def write_record(location: IndexLocation, record: StoreRecord) -> None:
    """Replace the record atomically and durably.

    Processes that have the index open apply it within a second.
    """
    _write(location.directory / _FILE, record)


def write_in_use(location: IndexLocation, record: StoreRecord) -> None:
    """Record the stores that the writer has opened; from then on all changes go to them."""
    _write(location.directory / _IN_USE, record)


def chosen_stores(config: Config, location: IndexLocation) -> StoreRecord:
    """Return the stores of the settings, or else those that the index was moved to.

    Raises SettingsError, IndexUnavailableError.
    """
    record = read_record(location) if config.vectors == "auto" else StoreRecord(config.vectors)
    if mirror := config.dual_write:
        _check_second(mirror, record.active)
        record = msgspec.structs.replace(record, mirror=mirror)
    return msgspec.structs.replace(record, compare=True) if config.compare else record


def _check_second(mirror: str, active: str) -> None:
    try:
        parse_store(mirror)
    except SettingsError as error:
        raise SecondStoreError(str(error)) from error
    if mirror == active:
        raise SecondStoreError(
            f"The setting `dualWrite` (CODEKIN_DUAL_WRITE) is {mirror}, which already answers. Name another store, or none."
        )


def record_file(location: IndexLocation) -> Path:
    """Return the file of the record, for detecting its replacement."""
    return location.directory / _FILE


def _read(file: Path) -> StoreRecord:
    try:
        return msgspec.json.decode(whole_files.read_whole(file), type=StoreRecord)
    except FileNotFoundError:
        return StoreRecord()
    except (OSError, msgspec.DecodeError) as error:
        raise IndexUnavailableError(
            f"Could not read {file}: {error}. To fix: delete it, which selects the flat index."
        ) from error


def _write(file: Path, record: StoreRecord) -> None:
    try:
        whole_files.write_whole(file, lambda writing: writing.write(msgspec.json.encode(record)))
    except OSError as error:
        kind = IndexReadOnlyError if whole_files.is_not_writable(error) else IndexUnavailableError
        raise kind(f"Could not write {file}: {error.strerror}.") from error
