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
    """Follows the status; a token of its own for every pass that is long enough to be shown. A client hears of it between its answer,
    which may come late, and the end of the pass.
    """

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._token: str | None = None
        self._begun = False

    def show(self, status: Status) -> None:
        """Begins, reports or ends."""
        waiting = status.coverage.total - status.coverage.indexed
        if status.state == "indexing" and self._token is None and waiting >= _WORTH_SHOWING_FILES:
            self._begin()
        elif self._token is not None and status.state == "indexing":
            self._report(self._token, status)
        elif self._token is not None:
            self._end(self._token, status)

    def _begin(self) -> None:
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token, self._begun = str(uuid.uuid4()), False
        self._token = token

        def begin(_answer: object) -> None:
            if self._token == token:
                self._begun = True
                value = types.WorkDoneProgressBegin("Indexing", cancellable=True, percentage=0)
                self._server.work_done_progress.begin(token, value)

        self._server.work_done_progress.create(token, begin)

    def _report(self, token: str, status: Status) -> None:
        if not self._begun:
            return
        indexed, total = status.coverage.indexed, max(1, status.coverage.total)
        message = f"{indexed:,}/{total:,} files, {status.rate_per_s:,.0f} chunks/s"
        report = types.WorkDoneProgressReport(message=message, percentage=int(100 * indexed / total))
        self._server.work_done_progress.report(token, report)

    def _end(self, token: str, status: Status) -> None:
        self._token = None
        if self._begun:
            end = types.WorkDoneProgressEnd(message=f"{status.files:,} files")
            self._server.work_done_progress.end(token, end)
