"""The first index as work-done progress, for clients that show it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from codekin.engine import Status

_WORTH_SHOWING_FILES = 50


class IndexProgress:
    """Follows the status; a token of its own for every pass that is long enough to be shown."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._token: str | None = None

    def show(self, status: Status) -> None:
        """Begins, reports or ends."""
        waiting = status.coverage.total - status.coverage.indexed
        if status.state == "indexing" and self._token is None and waiting >= _WORTH_SHOWING_FILES:
            self._begin()
        elif self._token is not None and status.state == "indexing":
            self._report(status)
        elif self._token is not None:
            self._server.work_done_progress.end(
                self._token, types.WorkDoneProgressEnd(message=f"{status.files:,} files")
            )
            self._token = None

    def _begin(self) -> None:
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token = self._token = str(uuid.uuid4())
        begin = types.WorkDoneProgressBegin("Indexing", cancellable=True, percentage=0)
        progress = self._server.work_done_progress
        progress.create(token, lambda _future: progress.begin(token, begin))

    def _report(self, status: Status) -> None:
        indexed, total = status.coverage.indexed, max(1, status.coverage.total)
        message = f"{indexed:,}/{total:,} files, {status.rate_per_s:,.0f} chunks/s"
        report = types.WorkDoneProgressReport(message=message, percentage=int(100 * indexed / total))
        if self._token is not None:
            self._server.work_done_progress.report(self._token, report)
