"""The second, slower model, loaded and run in the background after the first.

- In: files of a root, most used first.
- Out: vectors of the deep model, and their number.
- Owns: the lifetime of the model and the order in which files get its vectors. It never delays an
  answer.
"""
