"""The system's limits on file watches: detection and messages."""

from __future__ import annotations

import errno
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver

LIMIT_ERRORS = frozenset((errno.ENOSPC, errno.EMFILE, errno.ENFILE))


def try_one_more(observer: BaseObserver, root: Path) -> None:
    """Raise OSError if no watch is available.

    watchdog does not report when a folder inside a recursive watch gets none.
    """
    try:
        if root.parent != root:
            observer.unschedule(observer.schedule(FileSystemEventHandler(), str(root.parent)))
    except OSError as error:
        if error.errno in LIMIT_ERRORS:
            raise


def why_polling(error: OSError, interval_s: float) -> str:
    """Return the status reason for a workspace without any watch, polled every `interval_s`."""
    if error.errno in LIMIT_ERRORS:
        return (
            "The system has no more file watches (inotify limit). Changes are found by polling every "
            f"{interval_s:g} s. {_fix(error)}"
        )
    return f"Could not watch files ({error.strerror}). Changes are found by polling every {interval_s:g} s."


def why_not_all(error: OSError) -> str:
    """Return the status reason for a watched workspace with new folders that are not watched."""
    return (
        f"Could not watch new folders ({error.strerror}). Changes in them are found by full passes only. {_fix(error)}"
    )


def _fix(error: OSError) -> str:
    setting = "max_user_watches=524288" if error.errno == errno.ENOSPC else "max_user_instances=1024"
    return f"To fix: raise the limit, for example `sudo sysctl fs.inotify.{setting}`."
