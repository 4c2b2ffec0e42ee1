"""The immutable state of an index that one search sees.

In: records, stores and open buffers of a root. Out: arrays joined by node and file, texts and snippets of results.
Owns: the catalog that snapshots are made from, filters on them, and what is cached for a file until it changes.
"""
