"""Where pygls is stricter or laxer than the specification, set right: lifecycle, raw parameters, errors without paths."""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCRequestMessage

REQUEST_PREFIX = "codekin/"
COMMAND_PREFIX = "codekin.server."
_NOT_INITIALIZED, _INVALID_REQUEST, _INVALID_PARAMS = -32002, -32600, -32602
_log = logging.getLogger(__name__)


class ExitRequested(BaseException):
    """The client sent exit; `code` is what the process returns. No error handler may swallow it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Refused:
    """Stands for a message that has been answered already."""

    jsonrpc = "2.0"
    method = ""


class CodekinProtocol(LanguageServerProtocol):
    """Own requests keep their parameters as plain JSON. `workspace/executeCommand` of `codekin.server.NAME` becomes the
    request `codekin/NAME` with the first argument as its parameters: one handler, and cancelling works for both.
    """

    initialized = False
    shut_down = False

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Called for every JSON object, nested ones included; a request that cannot be read is answered here."""
        if "jsonrpc" not in data or "method" not in data:
            return super().structure_message(data)
        own = _own_request(data)
        if own is not None:
            return own
        try:
            return super().structure_message(data)
        except Exception as error:  # noqa: BLE001 - whatever a client sends, a request gets an answer
            _log.warning("Cannot read %s: %r", data["method"], error)
            if "id" in data:
                self._refuse(data["id"], _INVALID_PARAMS, f"The parameters of {data['method']} cannot be read.")
            return _Refused()

    def handle_message(self, message: Any) -> None:
        """Refuses requests outside the lifetime that the specification gives them."""
        method, number = getattr(message, "method", ""), getattr(message, "id", None)
        if isinstance(message, _Refused):
            return
        if method == types.EXIT:
            raise ExitRequested(0 if self.shut_down else 1)
        if self.shut_down:
            if number is not None and method:
                self._refuse(number, _INVALID_REQUEST, "The server is shutting down.")
            return
        if method == types.INITIALIZE and self.initialized:
            self._refuse(number, _INVALID_REQUEST, "The server is initialized already.")
            return
        if method and method != types.INITIALIZE and not self.initialized:
            if number is not None:
                self._refuse(number, _NOT_INITIALIZED, "Send initialize first.")
            return
        self.initialized = self.initialized or method == types.INITIALIZE
        super().handle_message(message)
        self.shut_down = self.shut_down or method == types.SHUTDOWN
        self._prune()

    def _refuse(self, number: Any, code: int, text: str) -> None:
        self._send_response(number, error=types.ResponseError(code=code, message=text))

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if error is not None:
            error = types.ResponseError(code=error.code, message=error.message)  # `data` would hold a traceback
        super()._send_response(msg_id, result=result, error=error)

    def _prune(self) -> None:
        """Handlers that ended at once leave their futures behind, and a server runs for weeks."""
        futures = self._request_futures
        for number in [number for number, future in futures.items() if future.done()]:
            del futures[number]


def _own_request(data: dict[str, Any]) -> JsonRPCRequestMessage | None:
    method, params = data["method"], data.get("params")
    if "id" not in data:
        return None
    if method == types.WORKSPACE_EXECUTE_COMMAND and isinstance(params, dict):
        command = params.get("command")
        if isinstance(command, str) and command.startswith(COMMAND_PREFIX):
            arguments = params.get("arguments") or [{}]
            method, params = REQUEST_PREFIX + command.removeprefix(COMMAND_PREFIX), arguments[0]
    if isinstance(method, str) and method.startswith(REQUEST_PREFIX):
        return JsonRPCRequestMessage(id=data["id"], method=method, jsonrpc=data["jsonrpc"], params=params)
    return None
