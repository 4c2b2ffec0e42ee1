"""Work as it runs: queued by urgency, supervised, closed in order, and watched for a late event loop.

In: commands and background tasks. Out: their results, and failures with cause and next step.
Owns: the write queue, which is the only way to change an index; it knows no index itself.
"""
