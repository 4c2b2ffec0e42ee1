"""Records of files, commits and folders, and facts about the index: the source of truth.

In: `Changes`, applied in one transaction. Out: records since a generation, skipped files with
reasons, facts by name. Owns: the SQLite file and its schema, the memory store used as a fallback
without SQLite, and the packing of nodes.
"""
