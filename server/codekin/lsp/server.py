"""The server object: pygls with our protocol and one session.

Handlers are registered in `application`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cattrs import Converter
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from codekin import __version__
from codekin.lsp import encode
from codekin.lsp.lens_refresh import LensRefresh
from codekin.lsp.progress import IndexProgress
from codekin.lsp.protocol import CodekinProtocol
from codekin.lsp.session import Session

if TYPE_CHECKING:
    from codekin.engine import Status

STATUS_CHANGED = "codekin/statusChanged"
Handlers = Mapping[str, Callable[["CodekinServer", Any], Any]]
"""The handler of each method, a function or coroutine function of the server and the parameters."""
Options = Mapping[str, Any]
"""The options that the server advertises for a method, by the method's name."""
_log = logging.getLogger(__name__)


class CodekinServer(LanguageServer):
    """The language server of one client.

    It uses full text synchronisation, because pygls splits lines at form feeds, which breaks
    incremental edits.
    """

    protocol: CodekinProtocol

    def __init__(self) -> None:
        super().__init__(
            "codekin",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            protocol_cls=CodekinProtocol,
            converter_factory=_converter,
        )
        self.session = Session(self.warn, self._status_changed, self._failed)
        self.failures: Counter[str] = Counter()
        """Unexpected failures by the method in which they happened."""
        self.disconnected = asyncio.Event()
        """Set once writing to the client is no longer possible."""
        self._progress = IndexProgress(self)
        self.lens_refresh = LensRefresh(self, lambda: self.session.code_lens)

    def warn(self, text: str) -> None:
        """Show a warning to the user."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"codekin: {text}"))

    def failed(self, method: str, error: BaseException) -> None:
        """Count and log an unexpected failure; the protocol answers the client."""
        self.failures[method] += 1
        _log.error("%s failed", method, exc_info=error)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log a failure inside pygls, whose default is a pop-up for each one."""
        self.failed(getattr(source, "__name__", str(source)), error)

    def _status_changed(self, status: Status) -> None:
        self.protocol.notify(STATUS_CHANGED, encode.status(status))
        self._progress.show(status)
        self.lens_refresh.show(status)

    def _failed(self, reason: str) -> None:
        self.protocol.notify(STATUS_CHANGED, encode.without_engine(reason))
        self.warn(reason)


def _converter() -> Converter:
    """Return the converter of lsprotocol, changed to reject a number where a string is required."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook(str, _text)
    return converter


def _text(value: Any, _kind: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("not a string")
