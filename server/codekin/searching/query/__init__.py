"""What a query asks for: its words, its filters, and whether it wants code, commits or folders.

In: the text that a person or a program typed. Out: `Query` and `Filters` values.
Owns: inline filters such as `lang:` and `path:`, and the intent of a question. It knows no index.
"""
