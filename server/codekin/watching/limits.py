"""When the system gives no more watches: how that is noticed, and how it is said."""

from __future__ import annotations

import errno
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver

LIMIT_ERRORS = frozenset((errno.ENOSPC, errno.EMFILE, errno.ENFILE))


def try_one_more(observer: BaseObserver, root: Path) -> None:
    """Raises OSError if no watch is left: watchdog keeps it to itself when a folder in a recursive watch gets none."""
    try:
        if root.parent != root:
            observer.unschedule(observer.schedule(FileSystemEventHandler(), str(root.parent)))
    except OSError as error:
        if error.errno in LIMIT_ERRORS:
            raise


def why_polling(error: OSError, interval_s: float) -> str:
    """Nothing could be watched; `interval_s` is how often the disk is looked at instead."""
    if error.errno in LIMIT_ERRORS:
        return (
            "The system gives no more file watches (inotify limit), so changes are found by polling every "
            f"{interval_s:g} s. {_fix(error)}"
        )
    return f"Files cannot be watched ({error.strerror}), so changes are found by polling every {interval_s:g} s."


def why_not_all(error: OSError) -> str:
    """Watching goes on, and a new folder could not join."""
    return (
        f"New folders could not be watched ({error.strerror}), so changes in them are found by full passes alone. "
        f"{_fix(error)}"
    )


def _fix(error: OSError) -> str:
    setting = "max_user_watches=524288" if error.errno == errno.ENOSPC else "max_user_instances=1024"
    return f"To fix: raise it, for example `sudo sysctl fs.inotify.{setting}`"
