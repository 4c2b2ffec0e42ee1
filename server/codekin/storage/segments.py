"""The segments of one directory, and the manifest that says which of them count. `docs/reference/flat-index.md` gives every byte.

A commit writes new segments under temporary names, renames them, then replaces the manifest the same way: whatever moment
a process is killed at, the last manifest and all it names are whole. The directory is synced before segments that it no
longer names are deleted, so that this holds after a power cut too.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from codekin import whole_files
from codekin.errors import IndexReadOnlyError, IndexRemovedError, IndexUnavailableError
from codekin.storage.segment_file import (
    FORMAT_VERSION,
    PREAMBLE,
    Array,
    CorruptError,
    Rows,
    Segment,
    format_of,
    newer,
    no_rows,
    open_segment,
    write_segment,
)

_MANIFEST_MAGIC = b"CKMF"
_MANIFEST = "MANIFEST"
_RACES = 20


@dataclass(frozen=True, slots=True)
class Live:
    """A segment that counts, but for its rows in `deleted` (ascending int32), which those that are damaged are among."""

    segment: Segment
    deleted: Rows


def unavailable(what: str, error: OSError) -> IndexUnavailableError:
    """The error for what the operating system refused; `what` names the place and what could not be done."""
    kind = IndexReadOnlyError if whole_files.is_not_writable(error) else IndexUnavailableError
    return kind(f"{what}: {error.strerror}.")


class SegmentDirectory:
    """The live segments of one directory, oldest first. One process writes; others call `refresh`, and change nothing.

    `checked_rows` says how many rows of an array share a checksum, so that damage costs these alone. `problems` tells what
    was found damaged when it was opened, in words. Raises IndexUnavailableError, and IndexNewerError for a later format.
    """

    def __init__(
        self, directory: Path, kind: str, *, writable: bool, checked_rows: Mapping[str, int] | None = None
    ) -> None:
        self._checked_rows = checked_rows
        self._directory = directory
        self._kind = kind
        self._writable = writable
        self._stamp: tuple[int, int, int] | None = None
        self._opened: dict[str, Segment] = {}
        self.generation = 0
        self.live: tuple[Live, ...] = ()
        self.problems: tuple[str, ...] = ()
        if writable:
            try:
                directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise unavailable(f"{directory} cannot be created", error) from error
        self._load()
        if writable:
            self._sweep_orphans()

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of segments with rows that are not what was written."""
        return tuple(item.segment.name for item in self.live if len(item.segment.damaged))

    def commit(
        self,
        add: Sequence[tuple[Mapping[str, Any], Mapping[str, Array]]] = (),
        drop: Sequence[str] = (),
        deleted: Mapping[str, Rows] | None = None,
    ) -> None:
        """Adds segments, drops segments and sets the deleted rows of others, all at once. A segment without a row left is
        dropped as well. Raises IndexUnavailableError, IndexRemovedError where the directory is no longer what it was.
        """
        if not self._writable:
            raise IndexUnavailableError(f"{self._directory} was opened for reading.")
        self._require_present()
        gone = deleted or {}
        now = [Live(item.segment, gone.get(item.segment.name, item.deleted)) for item in self.live]
        kept = [item for item in now if item.segment.name not in drop and _has_rows(item)]
        try:
            added = [self._write(number, fields, arrays) for number, (fields, arrays) in enumerate(add)]
            live = (*kept, *(Live(segment, no_rows()) for segment in added))
            self._write_manifest(live)
        except OSError as error:
            self._require_present()
            raise unavailable(f"{self._directory} cannot be written", error) from error
        named = {item.segment.name for item in live}
        dropped = [item.segment.name for item in self.live if item.segment.name not in named]
        self.generation += 1
        self.live = live
        self._opened = {item.segment.name: item.segment for item in live}
        for name in dropped:
            # Other processes may still map it: on Windows that forbids this, and the next writer sweeps.
            with suppress(OSError):
                (self._directory / name).unlink()

    def refresh(self) -> bool:
        """Takes up what another process committed; True if there was anything. Raises IndexRemovedError where all is gone."""
        stamp = self._stamp_now()
        if stamp is None and self._stamp is not None:
            self._require_present()
        return stamp != self._stamp and self._load()

    def close(self) -> None:
        """Lets go of all maps; arrays handed out stay valid."""
        self.live = ()
        self._opened = {}

    def _write(self, number: int, fields: Mapping[str, Any], arrays: Mapping[str, Array]) -> Segment:
        name = f"{self.generation + 1:010d}-{number}.segment"
        path = self._directory / name
        named = {"kind": self._kind, "generation": self.generation + 1, **fields}
        # The directory is synced with the manifest.
        write_segment(path, named, arrays, checked_rows=self._checked_rows, durable=False)
        return open_segment(path)

    def _write_manifest(self, live: Sequence[Live]) -> None:
        payload = msgpack.packb(
            {
                "kind": self._kind,
                "generation": self.generation + 1,
                "segments": [
                    {"name": item.segment.name, "deleted": item.deleted.astype("<i4").tobytes()} for item in live
                ],
            }
        )
        preamble = PREAMBLE.pack(_MANIFEST_MAGIC, FORMAT_VERSION, 0, len(payload), zlib.crc32(payload))
        whole_files.write_whole(self._directory / _MANIFEST, lambda file: file.write(preamble + payload))
        self._stamp = self._stamp_now()

    def _load(self) -> bool:
        for _ in range(_RACES):
            stamp = self._stamp_now()
            manifest = self._read_manifest()
            try:
                live, problems = self._open_all(manifest)
            except FileNotFoundError:
                if self._stamp_now() == stamp:
                    raise IndexUnavailableError(f"{self._directory} changes faster than it can be read.") from None
                continue  # the writer merged segments between our two looks
            changed = bool(manifest.get("generation", 0) != self.generation)
            self._stamp, self.live, self.generation = stamp, live, manifest.get("generation", 0)
            self.problems = problems
            self._opened = {item.segment.name: item.segment for item in live}
            return changed
        raise IndexUnavailableError(f"{self._directory} changes faster than it can be read.")

    def _open_all(self, manifest: Mapping[str, Any]) -> tuple[tuple[Live, ...], tuple[str, ...]]:
        live: list[Live] = []
        problems: list[str] = []
        stamp = self._stamp_now()
        for entry in manifest.get("segments", ()):
            name = entry["name"]
            try:
                segment = self._opened.get(name) or open_segment(self._directory / name)
            except FileNotFoundError:
                if self._stamp_now() != stamp:
                    raise
                problems.append(f"{self._kind}: {name} is missing; what it held is made again")
            except (CorruptError, ValueError, KeyError, TypeError, msgpack.UnpackException) as error:
                problems.append(f"{self._kind}: {error}; what it held is made again")
            except OSError as error:
                raise unavailable(f"{self._directory / name} cannot be read", error) from error
            else:
                deleted = np.frombuffer(entry["deleted"], dtype="<i4")
                lost = np.setdiff1d(segment.damaged, deleted)
                if len(lost):
                    rows = f"{len(lost):,} of {len(segment.arrays['keys']):,} rows of {name}"
                    problems.append(f"{self._kind}: {rows} were damaged; they are made again")
                    deleted = np.union1d(segment.damaged, deleted).astype("<i4")
                live.append(Live(segment, deleted))
        return tuple(live), tuple(problems)

    def _read_manifest(self) -> Mapping[str, Any]:
        try:
            data = whole_files.read_whole(self._directory / _MANIFEST)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise unavailable(f"{self._directory} cannot be read", error) from error
        payload = data[PREAMBLE.size :]
        head = PREAMBLE.unpack_from(data) if len(data) >= PREAMBLE.size else None
        if head and head[0] == _MANIFEST_MAGIC and head[1] > FORMAT_VERSION:
            raise newer(str(self._directory / _MANIFEST), head[1])
        if head and head[:2] == (_MANIFEST_MAGIC, FORMAT_VERSION) and zlib.crc32(payload) == head[4]:
            manifest: Mapping[str, Any] = msgpack.unpackb(payload)
            return manifest
        return self._rebuilt_manifest()

    def _rebuilt_manifest(self) -> Mapping[str, Any]:
        """Without a readable manifest, every segment counts; rows that were deleted come back and are swept later."""
        names = sorted(path.name for path in self._directory.glob("*.segment"))
        generation = max((int(name.split("-", 1)[0]) for name in names), default=0)
        return {"generation": generation, "segments": [{"name": name, "deleted": b""} for name in names]}

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = (self._directory / _MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _require_present(self) -> None:
        """Raises IndexRemovedError where the manifest is not the one that was last read or written: this process alone
        writes it, so the directory was removed, or replaced by another. What is mapped stays readable.
        """
        if not self._directory.is_dir() or (self._stamp is not None and self._stamp_now() is None):
            raise IndexRemovedError(f"{self._directory} was removed while it was in use.")
        if self._writable and self._stamp_now() != self._stamp:
            raise IndexRemovedError(f"{self._directory} was replaced while it was in use.")

    def _sweep_orphans(self) -> None:
        """Removes what a killed process left: temporary files, and segments that no manifest names. This process holds the
        lock of the index, so none of them is being written. A segment of a later format is left alone.
        """
        named = {item.segment.name for item in self.live}
        for path in self._directory.iterdir():
            unnamed = path.suffix == ".segment" and path.name not in named
            with suppress(OSError):  # on Windows another process may map it; the next writer tries again
                if path.name.endswith(whole_files.PARTIAL) or (unnamed and format_of(path) <= FORMAT_VERSION):
                    path.unlink()


def _has_rows(item: Live) -> bool:
    return len(item.deleted) < len(item.segment.arrays["keys"])
