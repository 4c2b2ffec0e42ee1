"""Detection of changed files: events of the operating system, coalesced and filtered by the rules.

- In: a folder and its `Rules`.
- Out: batches of `FileEvent`, and requests for a full scan if events were lost.
- Owns: watches and their limits, polling where the system has no watches, debouncing.
"""

from codekin.watching.watcher import Watcher

__all__ = ["Watcher"]
