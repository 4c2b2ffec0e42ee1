"""The first index as work-done progress, for clients that show it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from codekin.engine import Status

_WORTH_SHOWING_FILES = 50


@dataclass(slots=True)
class _Pass:
    """One pass as the client sees it: nothing of it may be sent before the client has taken its token."""

    token: str
    taken: bool = False
    end: types.WorkDoneProgressEnd | None = None


class IndexProgress:
    """Follows the status; a token of its own for every pass that is long enough to be shown."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._pass: _Pass | None = None

    def show(self, status: Status) -> None:
        """Begins, reports or ends."""
        waiting = status.coverage.total - status.coverage.indexed
        if self._pass is None:
            if status.state == "indexing" and waiting >= _WORTH_SHOWING_FILES:
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
        """The client has taken the token, perhaps after the pass: then it sees the end of it at once."""
        shown.taken = True
        begin = types.WorkDoneProgressBegin("Indexing", cancellable=True, percentage=0)
        self._server.work_done_progress.begin(shown.token, begin)
        self._end(shown)

    def _end(self, shown: _Pass) -> None:
        if shown.taken and shown.end is not None:
            self._server.work_done_progress.end(shown.token, shown.end)

    def _report(self, shown: _Pass, status: Status) -> None:
        if not shown.taken:
            return
        indexed, total = status.coverage.indexed, max(1, status.coverage.total)
        message = f"{indexed:,}/{total:,} files, {status.rate_per_s:,.0f} chunks/s"
        report = types.WorkDoneProgressReport(message=message, percentage=int(100 * indexed / total))
        self._server.work_done_progress.report(shown.token, report)
