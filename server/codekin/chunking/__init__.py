"""From the text of a file to chunks of whole lines, cut by syntax or, without it, by size."""

from codekin.chunking.chunker import CHUNKER_VERSION, ChunkSizes, chunk_file
from codekin.chunking.comments import DocComment, doc_comments
from codekin.chunking.finding import has_grammar
from codekin.chunking.languages import LANGUAGES, language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.occurrences import Occurrences, occurrences_of
from codekin.chunking.outlining import OutlineItem, outline_of
from codekin.chunking.redacted import Redacted, redacted_chunks
from codekin.chunking.secrets import redact
from codekin.chunking.wire import unpack_redacted

__all__ = [
    "CHUNKER_VERSION",
    "LANGUAGES",
    "ChunkSizes",
    "DocComment",
    "Occurrences",
    "OutlineItem",
    "Redacted",
    "chunk_file",
    "doc_comments",
    "has_grammar",
    "language_of",
    "occurrences_of",
    "outline_of",
    "redact",
    "redacted_chunks",
    "split_lines",
    "unpack_redacted",
]
