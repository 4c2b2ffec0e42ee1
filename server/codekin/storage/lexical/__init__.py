"""Postings: which content keys hold a word, and how often; searched by BM25.

In: words by content key, in batches. Out: scores by key. Immutable segments named by a manifest, like vectors.
Owns: stemming and term identifiers, building, merging and searching of segments.
"""
