"""The second, slower model: loaded and filled in behind the first.

In: files of a root, most used first. Out: vectors of the deep model, and how many are there.
Owns: the model's life and the order in which files get its vectors; it never holds up an answer.
"""
