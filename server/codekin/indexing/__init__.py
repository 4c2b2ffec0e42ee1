"""From events to one committed batch: read, chunk, embed what is new, store vectors and postings, then the metadata."""

from codekin.indexing.pipeline import BatchReport, EmbedCounts, Indexer, Stores
from codekin.indexing.reconcile import Plan, plan_pass

__all__ = ["BatchReport", "EmbedCounts", "Indexer", "Plan", "Stores", "plan_pass"]
