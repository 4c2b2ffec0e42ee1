"""Work-done progress of long indexing passes, for clients that show it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from codekin.engine import Status

_MIN_FILES = 50
"""Passes over fewer files end before a person would notice them."""


@dataclass(slots=True)
class _Pass:
    """One pass as the client sees it. Nothing is sent before the client has accepted its token."""

    token: str
    accepted: bool = False
    end: types.WorkDoneProgressEnd | None = None


class IndexProgress:
    """Reports every pass over at least `_MIN_FILES` files, each under a token of its own."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._pass: _Pass | None = None

    def show(self, status: Status) -> None:
        """Begin, report or end the progress, as the status requires."""
        pending = status.coverage.total - status.coverage.indexed
        if self._pass is None:
            if status.state == "indexing" and pending >= _MIN_FILES:
                self._create()
        elif status.state == "indexing":
            self._report(self._pass, status)
        else:
            self._pass.end = types.WorkDoneProgressEnd(message=f"{status.files:,} files")
            self._end(self._pass)
            self._pass = None

    def _create(self) -> None:
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        shown = self._pass = _Pass(str(uuid.uuid4()))
        self._server.work_done_progress.create(shown.token, lambda _answer: self._begin(shown))

    def _begin(self, shown: _Pass) -> None:
        """Begin the progress, and end it at once if the pass has already ended."""
        shown.accepted = True
        begin = types.WorkDoneProgressBegin("Indexing", cancellable=True, percentage=0)
        self._server.work_done_progress.begin(shown.token, begin)
        self._end(shown)

    def _end(self, shown: _Pass) -> None:
        if shown.accepted and shown.end is not None:
            self._server.work_done_progress.end(shown.token, shown.end)

    def _report(self, shown: _Pass, status: Status) -> None:
        if not shown.accepted:
            return
        indexed, total = status.coverage.indexed, max(1, status.coverage.total)
        message = f"{indexed:,}/{total:,} files, {status.rate_per_s:,.0f} chunks/s"
        report = types.WorkDoneProgressReport(message=message, percentage=int(100 * indexed / total))
        self._server.work_done_progress.report(shown.token, report)
