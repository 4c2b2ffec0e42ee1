"""From a request to ranked, explained results, on an immutable snapshot of the index."""

from codekin.searching.duplicates import Duplicates, DuplicatesRequest, duplicates
from codekin.searching.explaining import Explanation, explain
from codekin.searching.facets import Facets, facets_of
from codekin.searching.ranking.retrieval import vectors_of
from codekin.searching.references import Reference, ReferenceKind, References, find_references
from codekin.searching.related import related
from codekin.searching.search import search
from codekin.searching.snapshot.blocks import Blocks, Nodes
from codekin.searching.snapshot.catalog import Catalog, PendingSnapshot
from codekin.searching.snapshot.snapshot import Deep, Snapshot
from codekin.searching.snapshot.stored_files import StoredFiles, StoredRecords, write_stored
from codekin.searching.symbols import SymbolResult, find_symbols

__all__ = [
    "Blocks",
    "Catalog",
    "Deep",
    "Duplicates",
    "DuplicatesRequest",
    "Explanation",
    "Facets",
    "Nodes",
    "PendingSnapshot",
    "Reference",
    "ReferenceKind",
    "References",
    "Snapshot",
    "StoredFiles",
    "StoredRecords",
    "SymbolResult",
    "duplicates",
    "explain",
    "facets_of",
    "find_references",
    "find_symbols",
    "related",
    "search",
    "vectors_of",
    "write_stored",
]
