"""The stores of an index: metadata, vectors, postings, and the lock that allows one writer."""

from codekin.storage.checked_files import CheckedFiles
from codekin.storage.columns import Columns, open_columns, write_columns
from codekin.storage.lexical.bm25 import BM25
from codekin.storage.lexical.building import Draft
from codekin.storage.lexical.grouped import GroupBM25, GroupedPostings
from codekin.storage.lexical.index import LexicalIndex, LexicalView
from codekin.storage.lexical.terms import stem, term_id, terms_of
from codekin.storage.linking import link_file, link_segments
from codekin.storage.metadata.packed_records import KINDS, PackedNodes, pack_chunks, pack_nodes
from codekin.storage.metadata.registry import OpenedMetadata, open_metadata
from codekin.storage.name_beginnings import NameBeginnings
from codekin.storage.name_table import NameTable
from codekin.storage.top_k import located
from codekin.storage.trigrams.coding import LENGTH as TRIGRAM
from codekin.storage.trigrams.coding import content_key, folded
from codekin.storage.trigrams.index import Condition, TrigramIndex, TrigramView
from codekin.storage.trigrams.segment import Part as TrigramPart
from codekin.storage.vectors.backends.pgvector_collections import share as share_collection
from codekin.storage.vectors.binary_codes import TWO_STAGE_ROWS
from codekin.storage.vectors.dual_write import DualWriteStore, bring_up_to_date
from codekin.storage.vectors.registry import (
    FLAT,
    POSTGRES_INDEXES,
    OpenedVectors,
    is_exact,
    open_cached,
    open_vectors,
    parse_store,
)
from codekin.storage.vectors.stored_rows import same_rows
from codekin.storage.writer_lock import WriterLock

__all__ = [
    "BM25",
    "FLAT",
    "KINDS",
    "POSTGRES_INDEXES",
    "TRIGRAM",
    "TWO_STAGE_ROWS",
    "CheckedFiles",
    "Columns",
    "Condition",
    "Draft",
    "DualWriteStore",
    "GroupBM25",
    "GroupedPostings",
    "LexicalIndex",
    "LexicalView",
    "NameBeginnings",
    "NameTable",
    "OpenedMetadata",
    "OpenedVectors",
    "PackedNodes",
    "TrigramIndex",
    "TrigramPart",
    "TrigramView",
    "WriterLock",
    "bring_up_to_date",
    "content_key",
    "folded",
    "is_exact",
    "link_file",
    "link_segments",
    "located",
    "open_cached",
    "open_columns",
    "open_metadata",
    "open_vectors",
    "pack_chunks",
    "pack_nodes",
    "parse_store",
    "same_rows",
    "share_collection",
    "stem",
    "term_id",
    "terms_of",
    "write_columns",
]
