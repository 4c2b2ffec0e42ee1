"""The status of an index and its engine, and its notifications.

- In: facts and counts.
- Out: frozen status values, text for `doctor`, notifications when the status may have changed.
- Owns: the structure of the status, measures of searches, alerts. Nothing here changes an index.
"""
