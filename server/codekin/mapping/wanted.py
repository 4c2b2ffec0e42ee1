"""Whether somebody still waits for the map."""

from __future__ import annotations

import threading

from codekin.errors import CancelledError


def check(cancel: threading.Event | None) -> None:
    """Raises CancelledError once the event is set."""
    if cancel is not None and cancel.is_set():
        raise CancelledError("The map is no longer wanted.")
