"""Where the index lies: metadata, vectors, postings, and the lock that makes one process the writer."""

from codekin.storage.bm25 import BM25
from codekin.storage.lexical import LexicalIndex, LexicalView
from codekin.storage.lexical_building import Draft
from codekin.storage.lock import WriterLock
from codekin.storage.metadata import OpenedMetadata, open_metadata
from codekin.storage.mirrored import MirroredStore, bring_up_to_date
from codekin.storage.postgres_collections import share as share_collection
from codekin.storage.records import KINDS, PackedNodes, pack_chunks, pack_nodes
from codekin.storage.signs import TWO_STAGE_ROWS
from codekin.storage.terms import stem, term_id, terms_of
from codekin.storage.vectors import (
    FLAT,
    POSTGRES_INDEXES,
    OpenedVectors,
    is_exact,
    open_sheltered,
    open_vectors,
    parse_store,
)
from codekin.storage.whole import whole

__all__ = [
    "BM25",
    "FLAT",
    "KINDS",
    "POSTGRES_INDEXES",
    "TWO_STAGE_ROWS",
    "Draft",
    "LexicalIndex",
    "LexicalView",
    "MirroredStore",
    "OpenedMetadata",
    "OpenedVectors",
    "PackedNodes",
    "WriterLock",
    "bring_up_to_date",
    "is_exact",
    "open_metadata",
    "open_sheltered",
    "open_vectors",
    "pack_chunks",
    "pack_nodes",
    "parse_store",
    "share_collection",
    "stem",
    "term_id",
    "terms_of",
    "whole",
]
