"""What a vector store on a server needs: its address, a local copy, and a queue of unsent changes.

In: the calls of any vector store. Out: the same answers, also while the server is unreachable.
Owns: the cached copy, the outbox computed from the keys of both sides, and the retry loop that
makes both equal again.
"""
