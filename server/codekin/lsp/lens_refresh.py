"""Requests to the client to refresh its code lenses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from codekin.engine import Status


class LensRefresh:
    """Asks the client to refresh its code lenses after each indexing pass.

    On its own, a client requests them only when a document is opened or edited. `enabled` returns
    whether code lenses are enabled.
    """

    def __init__(self, server: LanguageServer, enabled: Callable[[], bool]) -> None:
        self._server = server
        self._enabled = enabled
        self._settled = False

    def show(self, status: Status) -> None:
        """Follow the status: the counts may have changed once a pass has ended."""
        settled = status.state in ("ready", "degraded")
        if settled and not self._settled and self._enabled():
            self.ask()
        self._settled = settled

    def ask(self) -> None:
        """Send the refresh request, if the client supports it."""
        workspace = self._server.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self._server.workspace_code_lens_refresh(None)
