"""Where the index lies: metadata, vectors, postings, and the lock that makes one process the writer."""

from codekin.storage.bm25 import BM25
from codekin.storage.lexical import LexicalIndex, LexicalView
from codekin.storage.lock import WriterLock
from codekin.storage.metadata import OpenedMetadata, open_metadata
from codekin.storage.mirrored import MirroredStore, bring_up_to_date
from codekin.storage.records import KINDS, PackedNodes, pack_nodes
from codekin.storage.terms import stem, term_id, terms_of
from codekin.storage.vectors import FLAT, PROMISED_RECALL, VECTOR_STORES, OpenedVectors, open_sheltered, open_vectors
from codekin.storage.whole import whole

__all__ = [
    "BM25",
    "FLAT",
    "KINDS",
    "PROMISED_RECALL",
    "VECTOR_STORES",
    "LexicalIndex",
    "LexicalView",
    "MirroredStore",
    "OpenedMetadata",
    "OpenedVectors",
    "PackedNodes",
    "WriterLock",
    "bring_up_to_date",
    "open_metadata",
    "open_sheltered",
    "open_vectors",
    "pack_nodes",
    "stem",
    "term_id",
    "terms_of",
    "whole",
]
