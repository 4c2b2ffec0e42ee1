"""What a vector store on a server needs: its address, a local copy, and a queue for what could not be sent.

In: the same calls as any vector store. Out: the same answers, also while the server is away.
Owns: the cached copy, the outbox computed from both sides' keys, the retry loop that makes both equal again.
"""
