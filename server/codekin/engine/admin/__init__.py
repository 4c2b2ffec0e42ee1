"""Administration: moving an index between stores, sharing a collection.

- In: names of stores.
- Out: reports of each step, which can be resumed or undone.
- Owns: the phases of a migration and the rights on a shared collection.
"""
