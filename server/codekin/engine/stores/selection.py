"""Which store of vectors an index uses, where no setting says so: kept beside the index and replaced as a whole."""

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


class StoreRecord(msgspec.Struct, frozen=True):
    """`active` answers; every change goes to `mirror` as well, unless that is empty. `origin` is where a migration began.
    `compare` has the two held against each other after each pass.
    """

    active: str = FLAT
    mirror: str = ""
    origin: str = ""
    compare: bool = False


def read_record(location: IndexLocation) -> StoreRecord:
    """The default where nothing was ever moved. Raises IndexUnavailableError."""
    return _read(location.directory / _FILE)


def record_in_use(location: IndexLocation) -> StoreRecord:
    """What the process that writes the index has opened, or had opened when it ended."""
    return _read(location.directory / _IN_USE)


def write_record(location: IndexLocation, record: StoreRecord) -> None:
    """Whole or not at all, durable when it returns; processes that have the index open take it up within a second."""
    _write(location.directory / _FILE, record)


def write_in_use(location: IndexLocation, record: StoreRecord) -> None:
    """Said by the writer, once it has opened the stores: no change goes past them from then on."""
    _write(location.directory / _IN_USE, record)


def chosen_stores(config: Config, location: IndexLocation) -> StoreRecord:
    """What settings ask for, or else what the index was moved to. Raises SettingsError, IndexUnavailableError."""
    record = read_record(location) if config.vectors == "auto" else StoreRecord(config.vectors)
    if mirror := config.dual_write:
        parse_store(mirror)
        if mirror == record.active:
            raise SettingsError(
                f"The setting `dualWrite` (CODEKIN_DUAL_WRITE) is {mirror}, the store that answers: name another one, or none."
            )
        record = msgspec.structs.replace(record, mirror=mirror)
    return msgspec.structs.replace(record, compare=True) if config.compare else record


def record_file(location: IndexLocation) -> Path:
    """For noticing that it was replaced."""
    return location.directory / _FILE


def _read(file: Path) -> StoreRecord:
    try:
        return msgspec.json.decode(whole_files.read_whole(file), type=StoreRecord)
    except FileNotFoundError:
        return StoreRecord()
    except (OSError, msgspec.DecodeError) as error:
        raise IndexUnavailableError(f"{file} cannot be read: {error}. Delete it to use the flat index.") from error


def _write(file: Path, record: StoreRecord) -> None:
    try:
        whole_files.write_whole(file, lambda writing: writing.write(msgspec.json.encode(record)))
    except OSError as error:
        kind = IndexReadOnlyError if whole_files.is_not_writable(error) else IndexUnavailableError
        raise kind(f"{file} cannot be written: {error.strerror}.") from error
