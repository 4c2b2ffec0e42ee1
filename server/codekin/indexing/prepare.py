"""Turns a file on disk, or an editor's buffer, into a record with nodes and their chunks."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codekin.chunking import CHUNKER_VERSION, Redacted, has_grammar, language_of, redacted_chunks
from codekin.chunking.isolated import Isolated
from codekin.domain.values import Chunk, FileRecord, NodeKind, Skipped
from codekin.files import Source, read_source, source_of_text
from codekin.files.scanning import too_large
from codekin.storage import PackedNodes, pack_chunks

_OUTLINE_CHARACTERS = 600
_HEADER_CHARACTERS = 300
MAX_IN_PROCESS_BYTES = 64_000
"""A larger text that has a grammar is parsed in a separate process.

Deep nesting could crash this process, and a slow parser would block all of its threads.
"""
_IN_PROCESS_LIMIT_S = 0.05
"""A smaller text is parsed here, in 5 to 20 ms; beyond this limit it is parsed separately."""
QUARANTINED = "quarantined: "
"""Prefix of the reason of a quarantined file, which is never parsed in this process."""
_log = logging.getLogger(__name__)
_isolated = Isolated()
"""One process for all, since each takes about 65 MB."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record ready to be stored; `record.nodes[i]` was created from `chunks[i]`.

    `secrets` is the number of redacted secrets. `trouble` says why the text was cut by lines
    although there is a grammar, or is "".
    """

    record: FileRecord
    chunks: tuple[Chunk, ...]
    secrets: int = 0
    trouble: str = ""


def file_chunk(path: str, language: str, chunks: list[Chunk]) -> Chunk:
    """Return the chunk of the whole file: its path, the names it defines and its first comment."""
    names = dict.fromkeys(definition.name for chunk in chunks for definition in chunk.definitions)
    outline = " ".join(names)[:_OUTLINE_CHARACTERS]
    header = chunks[0].doc[:_HEADER_CHARACTERS] if chunks else ""
    return Chunk(
        kind=NodeKind.FILE,
        language=language,
        start_line=0,
        end_line=chunks[-1].end_line if chunks else 0,
        text=f"{path}\n{outline}\n{header}",
    )


def prepare_source(
    source: Source, redacted: Redacted | str | None = None, *, harmful: bool = False
) -> Prepared | Skipped:
    """Chunk a text and return its record, or the reason why it is skipped; never raises.

    `redacted` are its chunks from another process, or the reason why there are none. A text known
    to be `harmful` is not parsed in this process.
    """
    redacted = redacted or _chunks(source, harmful=harmful)
    if isinstance(redacted, str):
        _log.warning("%s is quarantined: %s.", source.path, redacted)
        return Skipped(source.path, QUARANTINED + redacted)
    chunks = redacted.chunks
    language = chunks[0].language if chunks else language_of(source.path, source.text[:200].split("\n", 1)[0])
    file_node = file_chunk(source.path, language, chunks)
    everything = (file_node, *chunks)
    record = FileRecord(
        path=source.path,
        language=language,
        size_bytes=source.size_bytes,
        mtime_ns=source.mtime_ns,
        digest=source.digest,
        nodes=pack_chunks([file_node.content_key(CHUNKER_VERSION), *redacted.keys], everything),
    )
    return Prepared(record, everything, redacted.secrets, redacted.trouble)


def _chunks(source: Source, *, harmful: bool) -> Redacted | str:
    """Return the chunks of a text, or the reason why there are none."""
    has_parser = has_grammar(source.path, source.text)
    if not harmful and (source.size_bytes <= MAX_IN_PROCESS_BYTES or not has_parser):
        try:
            chunked = redacted_chunks(source.path, source.text, _IN_PROCESS_LIMIT_S)
        except Exception as error:  # noqa: BLE001 - logged, and shown as the reason why this file is skipped
            _log.exception("Could not chunk %s; it is quarantined", source.path)
            return f"chunking failed ({type(error).__name__})"
        if not chunked.trouble:
            return chunked
    try:
        return _isolated.chunks(source.path, source.text)
    except OSError as error:
        reason = f"the parsing process could not be started ({error.strerror or error})"
        return reason if harmful else replace(redacted_chunks(source.path, source.text, limit_s=0), trouble=reason)


def close_isolated() -> None:
    """End the process that parses large texts; it is started again when needed."""
    _isolated.close()


def needs_own_process(root: Path, path: str) -> bool:
    """Return whether a file is too large to be parsed in this process."""
    try:
        return os.stat(os.path.join(root, path)).st_size > MAX_IN_PROCESS_BYTES  # noqa: PTH116, PTH118 - called for each file of a pass
    except (OSError, ValueError):
        return False  # Reading the file reports the problem.


def prepare_file(root: Path, path: str, max_file_bytes: int, *, harmful: bool = False) -> Prepared | Skipped:
    """Read and chunk a file of the workspace; a problem is the reason of a `Skipped`."""
    source = read_source(root, path, max_file_bytes)
    return source if isinstance(source, Skipped) else prepare_source(source, harmful=harmful)


def prepare_buffer(path: str, text: str, max_file_bytes: int = 1_000_000) -> Prepared | Skipped:
    """Chunk an editor's unsaved text as if it were on disk; the size limit of files applies.

    Blocking, up to some seconds: do not call it on an event loop.
    """
    if len(text) > max_file_bytes:
        return Skipped(path, too_large(max_file_bytes))
    source = source_of_text(path, text)
    return Skipped(path, too_large(max_file_bytes)) if source.size_bytes > max_file_bytes else prepare_source(source)


def nodes_of(chunks: Sequence[Chunk]) -> PackedNodes:
    """Return the stored form of chunks."""
    return pack_chunks([chunk.content_key(CHUNKER_VERSION) for chunk in chunks], chunks)
