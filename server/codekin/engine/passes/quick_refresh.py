"""Whether a large index is up to date, without a pass over its folder."""

from __future__ import annotations

import asyncio
import hashlib

from codekin.engine.root.root_index import RootIndex
from codekin.files import Rules
from codekin.indexing import quick_changes

LEAST_FILES = 5_000
"""A pass over fewer files takes less than 0.2 s."""
_FACT = "scanned_with"


async def changes_since_pass(index: RootIndex) -> tuple[str, ...] | None:
    """Return the paths that differ from the index, or None if only a pass can tell.

    The last pass must have been complete, by the same settings, with everything stored.
    """
    state = index.state
    if len(index.catalog) < LEAST_FILES or not (index.writer or await index.take_over()):
        return None
    unfinished = state.pending or state.damaged or state.damaged_records or state.pending_elsewhere != 0
    if unfinished or index.stale or index.parts.building or index.parts.outdated or index.quarantine.reasons:
        return None
    if await index.parts.metadata.store.get_meta(_FACT) != _settings(index.rules):
        return None
    known, skipped = index.catalog.records, dict(state.skipped)
    return await asyncio.to_thread(quick_changes, index.location.root, index.rules, known, skipped)


async def record_settings(index: RootIndex) -> None:
    """Record what decided which files the pass that has just ended included; a step."""
    store = index.parts.metadata.store
    if index.writer and await store.get_meta(_FACT) != _settings(index.rules):
        await store.set_meta(_FACT, _settings(index.rules))


def _settings(rules: Rules) -> str:
    return hashlib.blake2b(rules.settings.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
