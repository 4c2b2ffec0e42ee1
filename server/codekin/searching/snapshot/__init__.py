"""The immutable state of an index that one search sees.

In: records, stores and open buffers of a root. Out: arrays joined by node and file, and the texts
and snippets of results. Owns: the catalog from which snapshots are made, their filters, and the
values cached for a file until it changes.
"""
