"""The meaning of a query: its words, its filters, and whether it is about code, commits or folders.

In: the text that a person or a program typed. Out: `Query` and `Filters` values. Owns: inline
filters such as `lang:` and `path:`, and the intent of a question. It has no access to an index.
"""
