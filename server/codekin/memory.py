"""Memory that the C library holds on to: bounded in the processes of codekin, and returned when much was released.

glibc gives each thread an arena of its own, up to eight for each processor, and keeps what was freed in it. A server whose
threads come and go would grow by some 30 MB for each arena. Other C libraries have no such calls, and need none.
"""

from __future__ import annotations

import ctypes
import gc
import sys

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""
_ARENAS = 2


def limit_arenas() -> None:
    """Let all threads of this process share two arenas; to be called before threads are started, by our own programs only."""
    if library := _glibc():
        library.mallopt(_ARENA_MAX, _ARENAS)


def release() -> None:
    """Collect reference cycles, which engines and roots are, and return free memory to the system. Takes some 50 ms."""
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
