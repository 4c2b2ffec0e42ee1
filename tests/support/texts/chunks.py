"""Checks that apply to the chunks of any text."""

from __future__ import annotations

import random

from codekin.chunking import ChunkSizes, chunk_file, split_lines


def check_cover(path: str, text: str, sizes: ChunkSizes | None = None) -> None:
    """Fail unless the chunks are exact, repeatable, and contain each non-blank line once."""
    sizes = sizes or ChunkSizes()
    lines = split_lines(text)
    assert "".join(lines) == text
    chunks = chunk_file(path, text, sizes)
    assert chunks == chunk_file(path, text, sizes)
    covered = [0] * len(lines)
    for chunk in chunks:
        assert chunk.text == "".join(lines[chunk.start_line : chunk.end_line])
        assert chunk.text.strip()
        for line in range(chunk.start_line, chunk.end_line):
            covered[line] += 1
        for definition in chunk.definitions:
            assert chunk.start_line <= definition.line < chunk.end_line
            assert definition.name
    for count, line in zip(covered, lines, strict=True):
        assert count <= 1
        assert count == 1 or not line.strip()


def mutated(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Return bytes that were cut off, joined with others, or changed at places."""
    at, end = sorted(draw.randrange(len(data) + 1) for _ in range(2))
    way = draw.randrange(5)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + other[draw.randrange(len(other) + 1) :]
    if way == 2:
        return (
            data[:at]
            + draw.choice((b"{", b"}", b'"', b"'", b"(", b"<!--", b"\r", b"\t", b"`", b"\\", b"$$")) * 9
            + data[at:]
        )
    if way == 3:
        return data[:end] + data[at:end] * 3 + data[end:]
    flipped = bytearray(data)
    for _ in range(min(len(data), 8)):
        flipped[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(flipped)
