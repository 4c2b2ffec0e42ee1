"""Records of files, commits and folders, and the facts about an index: the truth of what is indexed.

In: `Changes`, applied in one transaction. Out: records since a generation, skipped files with reasons, facts by name.
Owns: the SQLite file and its schema, the memory store that stands in where SQLite is missing, the packing of nodes.
"""
