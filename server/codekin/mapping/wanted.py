"""Cancellation of the computation of a map."""

from __future__ import annotations

import threading

from codekin.errors import CancelledError


def check(cancel: threading.Event | None) -> None:
    """Raise CancelledError once the event is set."""
    if cancel is not None and cancel.is_set():
        raise CancelledError("The map was cancelled.")
