"""Memory that the C library keeps: limited for each process of codekin, and returned after use.

glibc gives each thread its own arena, up to eight for each processor, and keeps freed memory in it.
A server whose threads come and go would grow by some 30 MB for each arena. Other C libraries do not
need this.
"""

from __future__ import annotations

import ctypes
import gc
import sys

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""
_ARENAS = 2


def limit_arenas() -> None:
    """Limit this process to two arenas, shared by all threads.

    Call it before threads are started, and only in codekin's own programs.
    """
    if library := _glibc():
        library.mallopt(_ARENA_MAX, _ARENAS)


def release() -> None:
    """Collect reference cycles, such as engines and roots, and return free memory to the system.

    Takes about 50 ms.
    """
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
