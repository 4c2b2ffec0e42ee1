"""Vectors by content key, behind one contract: the flat index, databases as tables, and servers with a local copy.

In: unit vectors, float32, one per key. Out: the nearest keys with cosine similarities, rows by key.
Owns: the flat index, which store a setting names, writing to two stores; `backends` are the databases, `remote` what servers need.
"""
