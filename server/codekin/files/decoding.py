"""Decoding the bytes of a file into text, or a reason why it is not text."""

from __future__ import annotations

import unicodedata

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    # Before UTF-16, whose mark is a prefix. UTF-16 text that begins with a NUL is binary.
    (b"\xff\xfe\0\0", "utf-32", "UTF-32"),
    (b"\0\0\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x0b\x08"))
_BINARY_SHARE = 0.05
_DAMAGED_SHARE = 0.01
_UNPRINTABLE = frozenset({"Cc", "Cn", "Co"})
"""Unicode categories that are rare in text: control, unassigned and private characters."""
_SAMPLE_CHARACTERS = 4_000
BINARY = "binary"


class NotTextError(ValueError):
    """Bytes are not text; the message says why."""


def decode(data: bytes) -> str:
    """Decode UTF-8, the encoding of a byte order mark, or Windows-1252 if it resembles text.

    Line ends are kept and the mark is dropped. After a mark, up to 1% of the characters may be
    invalid; each becomes U+FFFD. The text contains no NUL. Raises NotTextError for everything else.
    """
    for mark, encoding, name in _MARKS:
        if data.startswith(mark):
            return _marked(data, encoding, name)
    if b"\0" in data or len(data) - len(data.translate(None, _CONTROL)) > len(data) * _BINARY_SHARE:
        raise NotTextError(BINARY)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _marked(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        if text.count("\ufffd") > len(text) * _DAMAGED_SHARE:
            raise NotTextError(f"{BINARY} or damaged ({name} by byte order mark)") from None
    if "\0" in text or _is_odd(text):
        raise NotTextError(f"{BINARY} ({name} by byte order mark)")
    return text


def _is_odd(text: str) -> bool:
    """Return whether text decoded by its mark is unlikely to be text.

    Any two bytes are a character of UTF-16.
    """
    if text.isascii():
        data = text.encode()
        return len(data) - len(data.translate(None, _CONTROL)) > len(data) * _BINARY_SHARE
    sample = text[:_SAMPLE_CHARACTERS]
    odd = sum(
        unicodedata.category(character) in _UNPRINTABLE and character not in "\t\n\r\f\x1b" for character in sample
    )
    return odd > len(sample) * _BINARY_SHARE
