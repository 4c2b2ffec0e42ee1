"""The garbage collector, paused while a batch is indexed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from codekin.memory import settle


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Pause the collection of reference cycles in the block.

    A batch creates a hundred thousand objects without cycles, all freed at its end. Scanning them
    for cycles took a fifteenth of the time of a pass. Cycles that other threads create meanwhile
    are collected after the batch. What the batch added to the index is not searched again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            settle()
            gc.enable()
