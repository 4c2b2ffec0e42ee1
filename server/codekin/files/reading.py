"""The text of one file, or the reason why it is skipped."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import Skipped
from codekin.files.decoding import NotTextError, decode
from codekin.files.file_systems import changed_ns
from codekin.files.long_lines import long_lines_cut
from codekin.files.notebooks import cells_as_text, is_notebook
from codekin.files.scanning import too_large

MINIFIED = "minified (very long lines)"
LFS_POINTER = "Git LFS pointer, its content was not fetched"
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_MAX_POINTER_BYTES = 1_024
"""Maximum size of a pointer, the same as Git LFS's."""
_NOT_REGULAR = "not a regular file"
# These flags neither block on a pipe without a writer nor acquire a terminal.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Source:
    """A text as it is indexed; line ends are kept.

    `digest` is blake2b-128 of the bytes. `long_lines` are the numbers, 0-based, of the lines whose
    middle was cut out.
    """

    path: str
    text: str
    digest: bytes
    size_bytes: int
    mtime_ns: int
    long_lines: tuple[int, ...] = ()


def read_source(root: Path, path: str, max_file_bytes: int) -> Source | Skipped:
    """Read a file for the index, without the middle of very long lines.

    Never raises for what it finds on disk.
    """
    found = _read(root, path, max_file_bytes)
    if isinstance(found, Skipped):
        return found
    data, status = found
    return _source(path, data, status.st_size, changed_ns(status))


def read_digest(root: Path, path: str, max_file_bytes: int) -> tuple[bytes, int, int] | None:
    """Return the digest, size and time of a file as `Source` has them, or None if it is skipped.

    Never raises for what it finds on disk.
    """
    found = _read(root, path, max_file_bytes)
    if isinstance(found, Skipped):
        return None
    data, status = found
    return _digest(data), status.st_size, changed_ns(status)


def source_of(path: str, data: bytes) -> Source | Skipped:
    """Return the text of bytes that are not from disk and have no time."""
    return _source(path, data, len(data), 0)


def source_of_text(path: str, text: str) -> Source:
    """Return an editor's text as if it were on disk in UTF-8, without a time.

    A text that would count as minified on disk is kept in full.
    """
    data = text.encode("utf-8", "surrogatepass")
    text = shown_text(path, text)
    shown, numbers = long_lines_cut(text) or (text, ())
    return Source(path, shown, _digest(data), len(data), 0, numbers)


def shown_text(path: str, text: str) -> str:
    """Return the text that is searched and shown: of a notebook, its cells."""
    return cells_as_text(text) if is_notebook(path) else text


def read_text(root: Path, path: str, max_file_bytes: int, wanted: bytes = b"") -> str | Skipped:
    """Read the complete text, long lines included, without its digest; of a notebook its cells.

    With `wanted`, ASCII within a line, the text may be "" if it does not contain that. Lower case
    stands for any case. Never raises for what it finds on disk.
    """
    found = _read(root, path, max_file_bytes)
    if isinstance(found, Skipped):
        return found
    if wanted and not is_notebook(path) and _lacks(found[0], wanted):
        return ""
    text = _text(path, found[0])
    return Skipped(path, MINIFIED) if isinstance(text, str) and long_lines_cut(text) is None else text


def _lacks(data: bytes, wanted: bytes) -> bool:
    """Return whether a file surely does not contain a text; only ASCII is looked at undecoded."""
    return data.isascii() and wanted not in (data.lower() if wanted == wanted.lower() else data)


def _source(path: str, data: bytes, size_bytes: int, mtime_ns: int) -> Source | Skipped:
    text = _text(path, data)
    if isinstance(text, Skipped):
        return text
    cut = long_lines_cut(text)
    if cut is None:
        return Skipped(path, MINIFIED)
    return Source(path, cut[0], _digest(data), size_bytes, mtime_ns, cut[1])


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _text(path: str, data: bytes) -> str | Skipped:
    if len(data) < _MAX_POINTER_BYTES and data.startswith(_LFS_POINTER):
        return Skipped(path, LFS_POINTER)
    try:
        return shown_text(path, decode(data))
    except NotTextError as reason:
        return Skipped(path, str(reason))


def _read(root: Path, path: str, max_file_bytes: int) -> tuple[bytes, os.stat_result] | Skipped:
    """Return the content and status of a file.

    The descriptor is checked after opening, so that a file replaced meanwhile by a link, a pipe or
    a device is refused.
    """
    full = os.path.join(root, path)
    try:
        descriptor = os.open(full, _FLAGS)
    except OSError as error:
        return Skipped(path, _reason(error))
    except ValueError:  # a NUL, or half of a surrogate pair
        return Skipped(path.encode("utf-8", "replace").decode(), "name is not valid text")
    try:
        return _read_open(root, full, path, descriptor, max_file_bytes)
    except OSError as error:
        return Skipped(path, _reason(error))
    finally:
        os.close(descriptor)


def _read_open(
    root: Path, full: str, path: str, descriptor: int, max_file_bytes: int
) -> tuple[bytes, os.stat_result] | Skipped:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return Skipped(path, _NOT_REGULAR)
    if not _stays_inside(root, full, descriptor):
        return Skipped(path, "link to a target outside the workspace")
    if status.st_size > max_file_bytes:
        return Skipped(path, too_large(max_file_bytes))
    with open(descriptor, "rb", closefd=False) as file:
        # Allocating for the largest possible file costs more than reading a small one. A file that
        # grew meanwhile is read on, up to the limit; files of the kernel report a size of 0.
        data = file.read(status.st_size + 1)
        if len(data) > status.st_size:
            data += file.read(max_file_bytes + 1 - len(data))
    return Skipped(path, too_large(max_file_bytes)) if len(data) > max_file_bytes else (data, status)


def _stays_inside(root: Path, full: str, descriptor: int) -> bool:
    real = _real_path(full, descriptor)
    return real == full or Path(real).is_relative_to(os.path.realpath(root))


def _real_path(full: str, descriptor: int) -> str:
    """Return the path of the open file.

    Linux reports it for the descriptor; on other systems the name is resolved again.
    """
    try:
        known = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return os.path.realpath(full)
    # A file that was renamed or deleted meanwhile has another path or none.
    return known if known == full else os.path.realpath(full)


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "deleted while being read"
    if isinstance(error, PermissionError):
        return "no permission to read"
    if error.errno == errno.ENXIO:  # a socket
        return _NOT_REGULAR
    return f"cannot be read ({error.strerror})"
