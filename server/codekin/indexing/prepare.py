"""One file on disk, or in an editor's buffer, becomes a record with nodes and the chunks behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codekin.chunking import CHUNKER_VERSION, Redacted, language_of, redacted_chunks
from codekin.domain.values import Chunk, FileRecord, NodeKind, Skipped
from codekin.storage import PackedNodes, pack_chunks
from codekin.watching import Source, read_source, source_of_text

_OUTLINE_CHARACTERS = 600
_HEADER_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record ready to be stored; `chunks[i]` is what `record.nodes[i]` was made from. `secrets` were blanked out."""

    record: FileRecord
    chunks: tuple[Chunk, ...]
    secrets: int = 0


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


def prepare_source(source: Source, redacted: Redacted | None = None) -> Prepared:
    """Chunks a text, unless another process did; deterministic, never raises for any text."""
    redacted = redacted or redacted_chunks(source.path, source.text)
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
    return Prepared(record, everything, redacted.secrets)


def prepare_file(root: Path, path: str, max_file_bytes: int) -> Prepared | Skipped:
    """Reads and chunks a file of the workspace; what is wrong with it is the reason of a `Skipped`."""
    source = read_source(root, path, max_file_bytes)
    return source if isinstance(source, Skipped) else prepare_source(source)


def prepare_buffer(path: str, text: str) -> Prepared:
    """Chunks an editor's unsaved text as if it lay on disk."""
    return prepare_source(source_of_text(path, text))


def nodes_of(chunks: Sequence[Chunk]) -> PackedNodes:
    """What is stored of chunks."""
    return pack_chunks([chunk.content_key(CHUNKER_VERSION) for chunk in chunks], chunks)
