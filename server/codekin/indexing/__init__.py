"""From events to one committed batch: read, chunk, embed what is new, store vectors and postings, then the metadata."""

from codekin.indexing.pipeline import BatchReport, EmbedCounts, Indexer, Stores, VectorSource, keys_of
from codekin.indexing.prepare import Prepared, prepare_buffer, prepare_file
from codekin.indexing.reconcile import Plan, plan_pass

__all__ = [
    "BatchReport",
    "EmbedCounts",
    "Indexer",
    "Plan",
    "Prepared",
    "Stores",
    "VectorSource",
    "keys_of",
    "plan_pass",
    "prepare_buffer",
    "prepare_file",
]
