"""Which files contain three given characters in a row: a sieve for exact search.

In: texts by content key. Out: the keys of the texts that may match a condition. Segments are
immutable and listed by a manifest, like those of vectors. After Russ Cox, "Regular Expression
Matching with a Trigram Index" (2012).
"""
