"""One root folder: its index, the steps that change it, and the records beside its files.

- In: commands of its write queue.
- Out: snapshots to search, and a status.
- Owns: the state of an index, unsaved text, records of commits and folders, quarantined
  files, consistency.
"""
