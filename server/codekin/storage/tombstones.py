"""Which paths were forgotten, for readers that follow: kept for some generations, so that they do not grow for ever."""

from __future__ import annotations

from codekin.errors import IndexDamagedError

PRUNED = "tombstones.pruned"
"""The fact that names the last generation whose tombstones are gone; `clear` leaves it."""
_KEPT = 1_000
"""Generations. A reader looks four times a second, a save is one generation."""
_EVERY = 256


def prune_up_to(generation: int) -> int:
    """The generation up to which tombstones are dropped when this one is committed; 0 for none this time."""
    return max(0, generation - _KEPT) if generation % _EVERY == 0 else 0


def require_known(since: int, pruned: int) -> None:
    """Raises IndexDamagedError where a reader asks for changes since a generation whose tombstones are gone."""
    if 0 < since < pruned:
        raise IndexDamagedError(
            f"The index changed {pruned - since:,} times and more since this process last looked; it is read again."
        )
