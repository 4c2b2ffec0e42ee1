"""Vectors by content key behind one contract: the flat index, databases, and servers with a copy.

In: unit vectors, float32, one per key. Out: the nearest keys with cosine similarities, rows by key.
Owns: the flat index, the registry of stores and writing to two stores; `backends` are the
databases, and `remote` is what servers need.
"""
