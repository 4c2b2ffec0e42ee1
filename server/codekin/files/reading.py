"""The text of one file, or the reason why it has none that could be indexed."""

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
"""Git LFS takes nothing larger for a pointer."""
_NOT_REGULAR = "not a regular file"
# Neither waits for the writer of a pipe nor takes a terminal over.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Source:
    """A text as it is indexed; line ends are kept. `digest` is blake2b-128 of the bytes. `long_lines` are the numbers,
    0-based, of the lines whose middle was cut out.
    """

    path: str
    text: str
    digest: bytes
    size_bytes: int
    mtime_ns: int
    long_lines: tuple[int, ...] = ()


def read_source(root: Path, path: str, max_file_bytes: int) -> Source | Skipped:
    """Read a file to be indexed, without the middle of very long lines. Never raises for what it finds on disk."""
    found = _read(root, path, max_file_bytes)
    if isinstance(found, Skipped):
        return found
    data, status = found
    return _source(path, data, status.st_size, changed_ns(status))


def source_of(path: str, data: bytes) -> Source | Skipped:
    """The text of bytes that were read elsewhere than on disk: they have no time."""
    return _source(path, data, len(data), 0)


def source_of_text(path: str, text: str) -> Source:
    """An editor's text as if it lay on disk in UTF-8, without a time. One that would be minified there is kept whole."""
    data = text.encode("utf-8", "surrogatepass")
    text = shown_text(path, text)
    shown, numbers = long_lines_cut(text) or (text, ())
    return Source(path, shown, hashlib.blake2b(data, digest_size=16).digest(), len(data), 0, numbers)


def shown_text(path: str, text: str) -> str:
    """The text that is searched and shown of a file with this text: of a notebook, its cells."""
    return cells_as_text(text) if is_notebook(path) else text


def read_text(root: Path, path: str, max_file_bytes: int) -> str | Skipped:
    """Read the whole text, long lines included, of a notebook that of its cells, without its digest. Never raises for what it finds on disk."""
    found = _read(root, path, max_file_bytes)
    if isinstance(found, Skipped):
        return found
    text = _text(path, found[0])
    return Skipped(path, MINIFIED) if isinstance(text, str) and long_lines_cut(text) is None else text


def _source(path: str, data: bytes, size_bytes: int, mtime_ns: int) -> Source | Skipped:
    text = _text(path, data)
    if isinstance(text, Skipped):
        return text
    cut = long_lines_cut(text)
    if cut is None:
        return Skipped(path, MINIFIED)
    digest = hashlib.blake2b(data, digest_size=16).digest()
    return Source(path, cut[0], digest, size_bytes, mtime_ns, cut[1])


def _text(path: str, data: bytes) -> str | Skipped:
    if len(data) < _MAX_POINTER_BYTES and data.startswith(_LFS_POINTER):
        return Skipped(path, LFS_POINTER)
    try:
        return shown_text(path, decode(data))
    except NotTextError as reason:
        return Skipped(path, str(reason))


def _read(root: Path, path: str, max_file_bytes: int) -> tuple[bytes, os.stat_result] | Skipped:
    """The descriptor is checked after opening, so that a file exchanged for a link, a pipe or a device in between is
    refused.
    """
    full = os.path.join(root, path)
    try:
        descriptor = os.open(full, _FLAGS)
    except OSError as error:
        return Skipped(path, _words(error))
    except ValueError:  # a NUL, or half of a surrogate pair
        return Skipped(path.encode("utf-8", "replace").decode(), "name is not valid text")
    try:
        return _read_open(root, full, path, descriptor, max_file_bytes)
    except OSError as error:
        return Skipped(path, _words(error))
    finally:
        os.close(descriptor)


def _read_open(
    root: Path, full: str, path: str, descriptor: int, max_file_bytes: int
) -> tuple[bytes, os.stat_result] | Skipped:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return Skipped(path, _NOT_REGULAR)
    if not _stays_inside(root, full, descriptor):
        return Skipped(path, "link that leads out of the workspace")
    if status.st_size > max_file_bytes:
        return Skipped(path, too_large(max_file_bytes))
    with open(descriptor, "rb", closefd=False) as file:
        # Room for the largest file there may be costs more than reading a small one. One that grew meanwhile is read
        # on, up to the limit; the kernel's own files say that they are empty.
        data = file.read(status.st_size + 1)
        if len(data) > status.st_size:
            data += file.read(max_file_bytes + 1 - len(data))
    return Skipped(path, too_large(max_file_bytes)) if len(data) > max_file_bytes else (data, status)


def _stays_inside(root: Path, full: str, descriptor: int) -> bool:
    real = _real_path(full, descriptor)
    return real == full or Path(real).is_relative_to(os.path.realpath(root))


def _real_path(full: str, descriptor: int) -> str:
    """Where the open file lies. Linux knows, of the very file and at once; elsewhere its name is followed once more."""
    try:
        known = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return os.path.realpath(full)
    # A file that was renamed or removed meanwhile has another name or none.
    return known if known == full else os.path.realpath(full)


def _words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished while being looked at"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if error.errno == errno.ENXIO:  # a socket
        return _NOT_REGULAR
    return f"cannot be read ({error.strerror})"
