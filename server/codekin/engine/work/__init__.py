"""Work as it runs: queued by priority, supervised, closed in order.

- In: commands and background tasks.
- Out: their results, and failures with cause and next step.
- Owns: the write queue, which is the only way to change an index, and the watch for a late event
  loop. It does not depend on an index.
"""
