"""Tombstones: the paths that were forgotten, kept for some generations for readers that follow."""

from __future__ import annotations

from codekin.errors import IndexDamagedError

PRUNED = "tombstones.pruned"
"""The fact that records the last generation whose tombstones were removed; `clear` keeps it."""
_KEPT_GENERATIONS = 1_000
"""Generations to keep: a reader refreshes four times a second, and a save is one generation."""
_PRUNE_INTERVAL = 256


def prune_up_to(generation: int) -> int:
    """Return the generation up to which tombstones are dropped by this commit, or 0 for none."""
    return max(0, generation - _KEPT_GENERATIONS) if generation % _PRUNE_INTERVAL == 0 else 0


def require_known(since: int, pruned: int) -> None:
    """Raise IndexDamagedError if a reader needs tombstones that were already removed.

    The reader wants the changes since generation `since`; those up to `pruned` have no tombstones.
    """
    if 0 < since < pruned:
        raise IndexDamagedError(
            f"The index has changed more than {pruned - since:,} times since this process last read it. It is read again."
        )
