"""The stores of an index: which ones, where they are, and how they are opened.

- In: the configuration and a root folder.
- Out: open stores with their status.
- Owns: the folder of an index, the choice of stores and of the model, trust in an existing folder,
  comparison of two stores.
"""
