"""What is said about an index and its engine, and when.

In: facts and counts. Out: frozen status values, text for `doctor`, notifications when something may read differently.
Owns: the shape of the status, measures of searches, alerts; nothing here changes an index.
"""
