"""Files that cannot be indexed because of their content.

They are listed in the status and skipped until they change.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import msgspec

from codekin.domain.ports import MetadataStore
from codekin.domain.values import Changes, Skipped
from codekin.indexing import QUARANTINED, Plan

_FACT = "quarantine"


class _Entry(msgspec.Struct, frozen=True):
    """The state of a file when it failed."""

    size_bytes: int
    mtime_ns: int
    reason: str


class Quarantine:
    """The quarantined files of one root, stored in the metadata.

    `note` and `without_unchanged` are for one thread at a time.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.reasons: dict[str, str] = {}
        """The reason by path."""
        self._entries: dict[str, _Entry] = {}
        self._recorded: dict[str, _Entry] = {}

    async def load(self, store: MetadataStore) -> None:
        """Load the entries from the metadata."""
        text = await store.get_meta(_FACT)
        self._entries = msgspec.json.decode(text, type=dict[str, _Entry]) if text else {}
        self._recorded = dict(self._entries)
        self._update_reasons()

    async def record(self, store: MetadataStore) -> None:
        """Store the entries, if they changed."""
        if self._entries != self._recorded:
            await store.set_meta(_FACT, msgspec.json.encode(self._entries).decode())
            self._recorded = dict(self._entries)

    def clear(self) -> None:
        """Forget all entries, so that each file is tried again."""
        self._entries.clear()
        self._update_reasons()

    def note(self, changes: Changes) -> None:
        """Add the quarantined files of a transaction, and forget those that it wrote or forgot."""
        for path in (*changes.forgotten, *(record.path for record in changes.written)):
            self._entries.pop(path, None)
        for item in changes.skipped:
            self._entries.pop(item.path, None)
            if item.reason.startswith(QUARANTINED) and (entry := self._entry(item)):
                self._entries[item.path] = entry
        self._update_reasons()

    def without_unchanged(self, plan: Plan) -> Plan:
        """Return the plan without quarantined files that have not changed since. Blocking."""
        skipped = [
            Skipped(path, entry.reason)
            for path in plan.index
            if (entry := self._entries.get(path)) and entry == self._entry(Skipped(path, entry.reason))
        ]
        if not skipped:
            return plan
        names = {item.path for item in skipped}
        index = tuple(path for path in plan.index if path not in names)
        return replace(plan, index=index, skipped=(*plan.skipped, *skipped), total=plan.total - len(skipped))

    def _update_reasons(self) -> None:
        if self.reasons or self._entries:
            self.reasons.clear()
            self.reasons.update((path, entry.reason) for path, entry in self._entries.items())

    def _entry(self, item: Skipped) -> _Entry | None:
        try:
            status = os.lstat(self._root / item.path)
        except (OSError, ValueError):
            return None
        return _Entry(status.st_size, status.st_mtime_ns, item.reason)
