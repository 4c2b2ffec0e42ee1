"""One file on disk, or in an editor's buffer, becomes a record with nodes and the chunks behind them."""

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
OWN_BYTES = 64_000
"""A larger text that has a grammar is parsed in a process of its own: too deep a nesting would end this one, and a slow parser
hold up all of its threads.
"""
_OWN_LIMIT_S = 0.05
"""A smaller one is parsed here, in 5 to 20 ms; one that takes longer is no ordinary text, and goes the same way."""
QUARANTINED = "quarantined: "
"""How the reason of a file begins that was found to be harmful: it is never parsed in this process."""
_log = logging.getLogger(__name__)
_isolated = Isolated()
"""One for this process: each takes some 65 MB."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record ready to be stored; `chunks[i]` is what `record.nodes[i]` was made from. `secrets` were blanked out; `trouble` says why
    it was cut by lines though there is a grammar, "" if it was not.
    """

    record: FileRecord
    chunks: tuple[Chunk, ...]
    secrets: int = 0
    trouble: str = ""


def file_chunk(path: str, language: str, chunks: list[Chunk]) -> Chunk:
    """The node that stands for the file as a whole: found by its path, what is defined in it and its leading comment."""
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
    """Chunks a text, unless another process did or found out (in words) that it cannot be. One that is known to be `harmful` is not
    parsed in this process. Never raises for any text; what is wrong with it is the reason of a `Skipped`.
    """
    redacted = redacted or _chunks(source, harmful=harmful)
    if isinstance(redacted, str):
        _log.warning("%s is quarantined: %s", source.path, redacted)
        return Skipped(source.path, QUARANTINED + redacted)
    chunks = redacted.chunks
    language = chunks[0].language if chunks else language_of(source.path, source.text[:200].split("\n", 1)[0])
    whole = file_chunk(source.path, language, chunks)
    everything = (whole, *chunks)
    record = FileRecord(
        path=source.path,
        language=language,
        size_bytes=source.size_bytes,
        mtime_ns=source.mtime_ns,
        digest=source.digest,
        nodes=pack_chunks([whole.content_key(CHUNKER_VERSION), *redacted.keys], everything),
    )
    return Prepared(record, everything, redacted.secrets, redacted.trouble)


def _chunks(source: Source, *, harmful: bool) -> Redacted | str:
    """The chunks of a text, or in words why there are none."""
    parsed = has_grammar(source.path, source.text)
    if not harmful and (source.size_bytes <= OWN_BYTES or not parsed):
        try:
            chunked = redacted_chunks(source.path, source.text, _OWN_LIMIT_S)
        except Exception as error:  # noqa: BLE001 - logged, and shown as the reason why this file is left out
            _log.exception("%s cannot be chunked", source.path)
            return f"chunking failed ({type(error).__name__})"
        if not chunked.trouble:
            return chunked
    try:
        return _isolated.chunks(source.path, source.text)
    except OSError as error:
        reason = f"no process can be started to parse it in ({error.strerror or error})"
        return reason if harmful else replace(redacted_chunks(source.path, source.text, limit_s=0), trouble=reason)


def close_isolated() -> None:
    """Ends the process in which large texts are parsed; the next one starts it again."""
    _isolated.close()


def is_left_to_others(root: Path, path: str) -> bool:
    """Whether a file is too large to be parsed in this process."""
    try:
        return os.stat(os.path.join(root, path)).st_size > OWN_BYTES  # noqa: PTH116, PTH118 - asked for each file of a pass
    except (OSError, ValueError):
        return False  # what is wrong with it is found when it is read


def prepare_file(root: Path, path: str, max_file_bytes: int, *, harmful: bool = False) -> Prepared | Skipped:
    """Reads and chunks a file of the workspace; what is wrong with it is the reason of a `Skipped`."""
    source = read_source(root, path, max_file_bytes)
    return source if isinstance(source, Skipped) else prepare_source(source, harmful=harmful)


def prepare_buffer(path: str, text: str, max_file_bytes: int = 1_000_000) -> Prepared | Skipped:
    """Chunk an editor's unsaved text as if it lay on disk; one that is too large for a file is refused like one.

    Blocking, up to some seconds: not to be called on an event loop.
    """
    if len(text) > max_file_bytes:
        return Skipped(path, too_large(max_file_bytes))
    source = source_of_text(path, text)
    return Skipped(path, too_large(max_file_bytes)) if source.size_bytes > max_file_bytes else prepare_source(source)


def nodes_of(chunks: Sequence[Chunk]) -> PackedNodes:
    """What is stored of chunks."""
    return pack_chunks([chunk.content_key(CHUNKER_VERSION) for chunk in chunks], chunks)
