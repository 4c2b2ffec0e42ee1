"""Where the index lies: metadata, vectors, postings, and the lock that makes one process the writer."""

from codekin.storage.lexical import BM25, LexicalIndex, LexicalView
from codekin.storage.lock import WriterLock
from codekin.storage.metadata import OpenedMetadata, open_metadata
from codekin.storage.mirrored import MirroredStore, bring_up_to_date
from codekin.storage.terms import terms_of
from codekin.storage.vectors import FLAT, PROMISED_RECALL, VECTOR_STORES, OpenedVectors, open_vectors

__all__ = [
    "BM25",
    "FLAT",
    "PROMISED_RECALL",
    "VECTOR_STORES",
    "LexicalIndex",
    "LexicalView",
    "MirroredStore",
    "OpenedMetadata",
    "OpenedVectors",
    "WriterLock",
    "bring_up_to_date",
    "open_metadata",
    "open_vectors",
    "terms_of",
]
