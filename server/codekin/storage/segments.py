"""The segments of one directory, and the manifest that lists the live ones.

`docs/reference/flat-index.md` describes every byte.

A commit writes new segments under temporary names, renames them, then replaces the manifest the
same way. Whenever a process is killed, the last manifest and every segment in it are complete. The
directory is synced before segments that are no longer referenced are deleted, so this also holds
after a power failure.
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
from codekin.storage.checked_files import CheckedFiles
from codekin.storage.segment_file import (
    FORMAT_VERSION,
    PREAMBLE,
    Array,
    CorruptError,
    Rows,
    Segment,
    format_of,
    is_readable,
    newer,
    no_rows,
    open_segment,
    write_segment,
)
from codekin.storage.segment_stream import Streamed, write_streamed

_MANIFEST_MAGIC = b"CKMF"
MANIFEST = "MANIFEST"
_MAX_RACES = 20
_TOO_MANY_CHANGES = "Could not read {}: another process changed it during every attempt. Try again."


@dataclass(frozen=True, slots=True)
class Live:
    """A live segment with its deleted rows.

    `deleted` is int32, ascending, and includes the damaged rows.
    """

    segment: Segment
    deleted: Rows


def unavailable(what: str, error: OSError) -> IndexUnavailableError:
    """Return the error for an operation that the operating system refused.

    `what` is a clause that names the place and the operation that failed.
    """
    kind = IndexReadOnlyError if whole_files.is_not_writable(error) else IndexUnavailableError
    return kind(f"{what}: {error.strerror}.")


class SegmentDirectory:
    """The live segments of one directory, oldest first.

    One process writes. Others call `refresh` and change nothing. `checked_rows` gives, by array,
    how many rows share a checksum, so that damage costs only these rows. `problems` describes the
    damage found at open, in sentences. Raises IndexUnavailableError, and IndexNewerError for a
    newer format.
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
        self._checked = CheckedFiles(directory / "CHECKED")
        self.generation = 0
        self.live: tuple[Live, ...] = ()
        self.problems: tuple[str, ...] = ()
        if writable:
            try:
                directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise unavailable(f"Could not create {directory}", error) from error
        self._load()
        self._record_checked()
        if writable:
            self._sweep_orphans()

    @property
    def damaged(self) -> tuple[str, ...]:
        """Names of segments with rows that do not match their checksum."""
        return tuple(item.segment.name for item in self.live if len(item.segment.damaged))

    def commit(
        self,
        add: Sequence[tuple[Mapping[str, Any], Mapping[str, Array] | Streamed]] = (),
        drop: Sequence[str] = (),
        deleted: Mapping[str, Rows] | None = None,
    ) -> None:
        """Add segments, drop segments and set the deleted rows of others in one atomic commit.

        A segment without live rows is dropped too. Raises IndexUnavailableError, and
        IndexRemovedError if the directory was removed or replaced.
        """
        if not self._writable:
            raise IndexUnavailableError(f"{self._directory} was opened read-only.")
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
            raise unavailable(f"Could not write to {self._directory}", error) from error
        listed = {item.segment.name for item in live}
        dropped = [item.segment.name for item in self.live if item.segment.name not in listed]
        self.generation += 1
        self.live = live
        self._opened = {item.segment.name: item.segment for item in live}
        for name in dropped:
            # On Windows, a mapped segment cannot be deleted; the next writer deletes it.
            with suppress(OSError):
                (self._directory / name).unlink()

    def refresh(self) -> bool:
        """Load what another process committed; return whether there was anything new.

        Raises IndexRemovedError if the directory is gone.
        """
        stamp = self._stamp_now()
        if stamp is None and self._stamp is not None:
            self._require_present()
        return stamp != self._stamp and self._load()

    def forget_pages(self) -> None:
        """Take the pages that were read out of the memory of this process."""
        for item in self.live:
            item.segment.forget_pages()

    def close(self) -> None:
        """Release all maps; arrays that were handed out stay valid."""
        self._record_checked()
        self.live = ()
        self._opened = {}

    def _write(self, number: int, fields: Mapping[str, Any], arrays: Mapping[str, Array] | Streamed) -> Segment:
        name = f"{self.generation + 1:010d}-{number}.segment"
        path = self._directory / name
        header = {"kind": self._kind, "generation": self.generation + 1, **fields}
        # The directory is synced with the manifest.
        if isinstance(arrays, Streamed):
            write_streamed(path, header, arrays, checked_rows=self._checked_rows, durable=False)
        else:
            write_segment(path, header, arrays, checked_rows=self._checked_rows, durable=False)
        return self._open(path)

    def _open(self, path: Path) -> Segment:
        """Open a segment, and compare its checksums unless that was done before."""
        segment = open_segment(path, verify=not self._checked.covers(path))
        if segment.intact and not self._checked.covers(path):
            self._checked.note(path)
        return segment

    def _record_checked(self) -> None:
        if self._writable and self._directory.is_dir():
            self._checked.record(item.segment.name for item in self.live)

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
        whole_files.write_whole(self._directory / MANIFEST, lambda file: file.write(preamble + payload))
        self._stamp = self._stamp_now()

    def _load(self) -> bool:
        for _ in range(_MAX_RACES):
            stamp = self._stamp_now()
            manifest = self._read_manifest()
            try:
                live, problems = self._open_all(manifest)
            except FileNotFoundError:
                if self._stamp_now() == stamp:
                    raise IndexUnavailableError(_TOO_MANY_CHANGES.format(self._directory)) from None
                continue  # The writer merged segments between reading the manifest and opening them.
            changed = bool(manifest.get("generation", 0) != self.generation)
            self._stamp, self.live, self.generation = stamp, live, manifest.get("generation", 0)
            self.problems = problems
            self._opened = {item.segment.name: item.segment for item in live}
            return changed
        raise IndexUnavailableError(_TOO_MANY_CHANGES.format(self._directory))

    def _open_all(self, manifest: Mapping[str, Any]) -> tuple[tuple[Live, ...], tuple[str, ...]]:
        live: list[Live] = []
        problems: list[str] = []
        stamp = self._stamp_now()
        for entry in manifest.get("segments", ()):
            name = entry["name"]
            try:
                segment = self._opened.get(name) or self._open(self._directory / name)
            except FileNotFoundError:
                if self._stamp_now() != stamp:
                    raise
                problems.append(self._problem(f"Segment {name} is missing"))
            except (CorruptError, ValueError, KeyError, TypeError, msgpack.UnpackException) as error:
                problems.append(self._problem(f"A segment is corrupt ({error})"))
            except OSError as error:
                raise unavailable(f"Could not read {self._directory / name}", error) from error
            else:
                deleted = np.frombuffer(entry["deleted"], dtype="<i4")
                corrupt = np.setdiff1d(segment.damaged, deleted)
                if len(corrupt):
                    rows = f"{len(corrupt):,} of {len(segment.arrays['keys']):,} rows of {name}"
                    problems.append(self._problem(f"{rows} were corrupt"))
                    deleted = np.union1d(segment.damaged, deleted).astype("<i4")
                live.append(Live(segment, deleted))
        return tuple(live), tuple(problems)

    def _problem(self, what: str) -> str:
        return f"{what} in the index {self._kind}. Lost rows are rebuilt. No action is needed."

    def _read_manifest(self) -> Mapping[str, Any]:
        try:
            data = whole_files.read_whole(self._directory / MANIFEST)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise unavailable(f"Could not read {self._directory}", error) from error
        payload = data[PREAMBLE.size :]
        head = PREAMBLE.unpack_from(data) if len(data) >= PREAMBLE.size else None
        if head and head[0] == _MANIFEST_MAGIC and head[1] > FORMAT_VERSION:
            raise newer(str(self._directory / MANIFEST), head[1])
        if head and head[0] == _MANIFEST_MAGIC and is_readable(head[1]) and zlib.crc32(payload) == head[4]:
            manifest: Mapping[str, Any] = msgpack.unpackb(payload)
            return manifest
        return self._rebuilt_manifest()

    def _rebuilt_manifest(self) -> Mapping[str, Any]:
        """Return a manifest that lists every segment, for a directory without a readable one.

        Rows that were deleted reappear and are removed later.
        """
        names = sorted(path.name for path in self._directory.glob("*.segment"))
        generation = max((int(name.split("-", 1)[0]) for name in names), default=0)
        return {"generation": generation, "segments": [{"name": name, "deleted": b""} for name in names]}

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = (self._directory / MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _require_present(self) -> None:
        """Raise IndexRemovedError if the manifest is not the one that was last read or written.

        Only this process writes it, so another manifest means that the directory was removed or
        replaced. Mapped arrays stay readable.
        """
        if not self._directory.is_dir() or (self._stamp is not None and self._stamp_now() is None):
            raise IndexRemovedError(f"{self._directory} was removed while it was in use.")
        if self._writable and self._stamp_now() != self._stamp:
            raise IndexRemovedError(f"{self._directory} was replaced while it was in use.")

    def _sweep_orphans(self) -> None:
        """Delete what a killed process left behind: temporary files and orphaned segments.

        This process owns the writer lock of the index, so nothing is being written meanwhile. A
        segment in a newer format is left alone.
        """
        listed = {item.segment.name for item in self.live}
        for path in self._directory.iterdir():
            orphaned = path.suffix == ".segment" and path.name not in listed
            with suppress(OSError):  # On Windows another process may map it; the next writer tries again.
                if path.name.endswith(whole_files.PARTIAL) or (orphaned and format_of(path) <= FORMAT_VERSION):
                    path.unlink()


def _has_rows(item: Live) -> bool:
    return len(item.deleted) < len(item.segment.arrays["keys"])
