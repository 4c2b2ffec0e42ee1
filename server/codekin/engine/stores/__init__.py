"""Which stores an index has, where they are, and how they are opened.

In: the configuration and a root folder. Out: open stores with what the status says of them.
Owns: the folder of an index, the choice of stores and of the model, trust in what is found there, comparison of two stores.
"""
