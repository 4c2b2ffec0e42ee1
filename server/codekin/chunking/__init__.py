"""From the text of a file to chunks: whole lines, cut by syntax where a grammar is at hand, by size elsewhere."""

from codekin.chunking.chunker import CHUNKER_VERSION, Chunked, ChunkSizes, chunk_file, chunked
from codekin.chunking.comments import DocComment, doc_comments
from codekin.chunking.finding import has_grammar
from codekin.chunking.languages import language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.redacted import Redacted, redacted_chunks
from codekin.chunking.secrets import redact
from codekin.chunking.wire import unpack_redacted

__all__ = [
    "CHUNKER_VERSION",
    "ChunkSizes",
    "Chunked",
    "DocComment",
    "Redacted",
    "chunk_file",
    "chunked",
    "doc_comments",
    "has_grammar",
    "language_of",
    "redact",
    "redacted_chunks",
    "split_lines",
    "unpack_redacted",
]
