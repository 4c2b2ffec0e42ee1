"""How a process of codekin's own treats memory and threads.

That is what the C library keeps, how long reference cycles are searched for, and how often threads
take turns.

glibc gives each thread its own arena, up to eight for each processor, and keeps freed memory in it.
A server whose threads come and go would grow by some 30 MB for each arena. Other C libraries do not
need this.

A search for reference cycles among all objects of an open index holds the interpreter's lock for
some 60 ms, in which no request is answered. In codekin's own programs, `settle` exempts the objects
of an index once they are there.

A thread that indexes gives the interpreter's lock to the event loop only after the switch interval,
5 ms in Python, and several threads may be before it. With 1 ms the event loop was late by over 30
ms a third as often, and a first index took as long.
"""

from __future__ import annotations

import ctypes
import gc
import sys

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""
_ARENAS = 2
_SWITCH_INTERVAL_S = 0.001
_MOST_SEARCHED = 20_000
"""Number of young objects that are searched for cycles before they are exempted: some 5 ms."""


class _Process:
    owned = False


def own_process() -> None:
    """Let codekin decide about this process: two arenas for all threads, and short turns.

    Call it before threads are started, and only in codekin's own programs.
    """
    _Process.owned = True
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    if library := _glibc():
        library.mallopt(_ARENA_MAX, _ARENAS)


def settle() -> None:
    """Exempt the objects that exist now from searches for reference cycles, until `release`.

    Young cycles are collected first, unless searching the young objects would delay the event loop,
    as after a batch of a first index: the few cycles among them remain until `release`. Does
    nothing in a program that only uses codekin as a library.
    """
    if not _Process.owned:
        return
    if len(gc.get_objects(0)) + len(gc.get_objects(1)) <= _MOST_SEARCHED:
        gc.collect(1)
    gc.freeze()


def release() -> None:
    """Collect reference cycles, such as engines and roots, and return free memory to the system.

    Takes about 50 ms.
    """
    if _Process.owned:
        gc.unfreeze()
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
