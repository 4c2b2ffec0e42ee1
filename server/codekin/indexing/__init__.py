"""The write path: read, chunk, embed what is new, store vectors and postings, then metadata."""

from codekin.indexing.ahead import ReadAhead, is_worth_reading_ahead
from codekin.indexing.fresh import VectorSource
from codekin.indexing.pipeline import EmbedCounts, Indexer, Stores, keys_of
from codekin.indexing.prepare import QUARANTINED, Prepared, prepare_buffer, prepare_file, prepare_source
from codekin.indexing.prepare_commit import COMMIT_TEMPLATE, prepare_commit
from codekin.indexing.prepare_folder import Folder, folders_around, folders_of, is_readme, prepare_folder
from codekin.indexing.quick_check import quick_changes
from codekin.indexing.reconcile import Plan, plan_pass
from codekin.indexing.same_content import with_same_content

__all__ = [
    "COMMIT_TEMPLATE",
    "QUARANTINED",
    "EmbedCounts",
    "Folder",
    "Indexer",
    "Plan",
    "Prepared",
    "ReadAhead",
    "Stores",
    "VectorSource",
    "folders_around",
    "folders_of",
    "is_readme",
    "is_worth_reading_ahead",
    "keys_of",
    "plan_pass",
    "prepare_buffer",
    "prepare_commit",
    "prepare_file",
    "prepare_folder",
    "prepare_source",
    "quick_changes",
    "with_same_content",
]
