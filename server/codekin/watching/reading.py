"""The text of one file, or the reason why it has none that could be indexed."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.values import Skipped
from codekin.watching.scanning import too_large
from codekin.watching.systems import HOST

_LONG_LINE_BYTES = 5_000
_MINIFIED_SHARE = 0.5
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x0b\x08"))
_BINARY_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Source:
    """A text as it was read; line ends are kept. `digest` is blake2b-128 of the bytes."""

    path: str
    text: str
    digest: bytes
    size_bytes: int
    mtime_ns: int


def read_source(root: Path, path: str, max_file_bytes: int) -> Source | Skipped:
    """Never raises for what it finds on disk."""
    found = _read(root, path, max_file_bytes)
    if isinstance(found, Skipped):
        return found
    data, text, status = found
    changed_ns = HOST.changed_ns(status)
    return Source(path, text, hashlib.blake2b(data, digest_size=16).digest(), status.st_size, changed_ns)


def read_text(root: Path, path: str, max_file_bytes: int) -> str | Skipped:
    """The text alone, without its digest. Never raises for what it finds on disk."""
    found = _read(root, path, max_file_bytes)
    return found if isinstance(found, Skipped) else found[1]


def _read(  # noqa: PLR0911 - one for each reason
    root: Path, path: str, max_file_bytes: int
) -> tuple[bytes, str, os.stat_result] | Skipped:
    """The descriptor is checked after opening, so that a file exchanged for a link
    or a device in between is refused.
    """
    full = os.path.join(root, path)  # noqa: PTH118 - read for every result of a search, and ten times faster than a Path
    try:
        descriptor = os.open(full, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        return Skipped(path, _words(error))
    except ValueError:  # a NUL, or half of a surrogate pair
        return Skipped(path.encode("utf-8", "replace").decode(), "name is not valid text")
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return Skipped(path, "not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        if not _stays_inside(root, full, descriptor):
            return Skipped(path, "link that leads out of the workspace")
        if status.st_size > max_file_bytes:
            return Skipped(path, too_large(max_file_bytes))
        try:
            # Room for the largest file there may be costs more than reading a small one; one that grew meanwhile is read on.
            data = file.read(status.st_size + 1)
            if len(data) > status.st_size:
                data += file.read(max_file_bytes + 1 - len(data))
        except OSError as error:
            return Skipped(path, _words(error))
    if len(data) > max_file_bytes:
        return Skipped(path, too_large(max_file_bytes))
    text = _text(path, data)
    return text if isinstance(text, Skipped) else (data, text, status)


def source_of(path: str, data: bytes) -> Source | Skipped:
    """The text of bytes that were read elsewhere than on disk: they have no time."""
    text = _text(path, data)
    if isinstance(text, Skipped):
        return text
    return Source(path, text, hashlib.blake2b(data, digest_size=16).digest(), len(data), 0)


def _text(path: str, data: bytes) -> str | Skipped:
    text = _decode(data)
    if text is None:
        return Skipped(path, "binary")
    return Skipped(path, "minified (very long lines)") if _is_minified(data) else text


def _decode(data: bytes) -> str | None:
    """UTF-8, or what the byte order mark says; else Windows-1252 for what still looks like text. None: binary."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    odd = len(data) - len(data.translate(None, _CONTROL))
    return None if odd > len(data) * _BINARY_SHARE else data.decode("cp1252", "replace")


def _is_minified(data: bytes) -> bool:
    """Whether most of the bytes stand in lines too long to be written by hand."""
    long = start = 0
    while len(data) - start > _LONG_LINE_BYTES:
        # Backwards from the longest line there may be: most files take a look every 5,000 bytes.
        end = data.rfind(b"\n", start, start + _LONG_LINE_BYTES + 1)
        if end < 0:
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
            long += end - start
        start = end + 1
    return long > len(data) * _MINIFIED_SHARE


def _stays_inside(root: Path, full: str, descriptor: int) -> bool:
    real = _real_path(full, descriptor)
    return real == full or Path(real).is_relative_to(os.path.realpath(root))


def _real_path(full: str, descriptor: int) -> str:
    """Where the open file lies. Linux knows, of the very file and at once; elsewhere its name is followed once more."""
    try:
        known = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - as above
    except OSError:
        return os.path.realpath(full)
    # A file that was renamed or removed meanwhile has another name or none.
    return known if known == full else os.path.realpath(full)


def _words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished while being looked at"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return f"cannot be read ({error.strerror})"
