"""Postings: which content keys contain a word and how often, searched with BM25.

In: words by content key, in batches. Out: scores by key. Segments are immutable and listed by a
manifest, like those of vectors. Owns: stemming and term identifiers, and the building, merging and
searching of segments.
"""
