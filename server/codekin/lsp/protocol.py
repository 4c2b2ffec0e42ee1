"""JSON-RPC as specified: every request gets one answer.

The first rule that a request breaks decides which error it gets.
"""

from __future__ import annotations

import contextvars
import logging
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCRequestMessage

from codekin.errors import CancelledError, CodekinError, SettingsError
from codekin.jsonrpc import VERSION, Message, UnreadableError, is_id, read_message, written

REQUEST_PREFIX = "codekin/"
COMMAND_PREFIX = "codekin.server."
_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND, _INVALID_PARAMS, _INTERNAL_ERROR = (
    -32700,
    -32600,
    -32601,
    -32602,
    -32603,
)
_NOT_INITIALIZED, _REQUEST_CANCELLED, _REQUEST_FAILED = -32002, -32800, -32803
_MAX_ERROR_CHARACTERS = 1_000
_log = logging.getLogger(__name__)


class ExitRequested(BaseException):
    """The client sent exit; `code` is the exit status.

    Not an Exception, so no handler catches it.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: int
    text: str


class CodekinProtocol(LanguageServerProtocol):
    """Reads, checks and answers messages.

    pygls keeps the handlers, the requests in flight and the workspace. Codekin's own requests keep
    their parameters as plain JSON. `workspace/executeCommand` of `codekin.server.NAME` becomes the
    request `codekin/NAME` with the first argument as its parameters, so that one handler serves
    both and both can be cancelled.
    """

    shut_down = False

    @property
    def initialized(self) -> bool:
        """Whether `initialize` has succeeded."""
        return hasattr(self, "server_capabilities")

    def receive(self, body: bytes) -> bool:
        """Process one message, and return False if it is not JSON. Raises only ExitRequested."""
        try:
            message = read_message(body)
        except UnreadableError as error:
            self.broken(str(error))
            return False
        try:
            self._take(message)
        except Exception as error:  # noqa: BLE001 - no message may end the server or leave a request unanswered
            data = message.value
            if isinstance(data, dict) and "method" in data and is_id(data.get("id")):
                self._answer_error(data["id"], self._refusal(error, "dispatch"))
            else:
                self._server.failed("dispatch", error)  # type: ignore[attr-defined] # ours
        return True

    def broken(self, reason: str) -> None:
        """Send a parse error without an id, for bytes that are not a message."""
        _log.warning("%s", reason)
        self._answer_error(None, _Refusal(_PARSE_ERROR, reason))

    def _take(self, message: Message) -> None:
        data = message.value
        if not isinstance(data, dict):
            self._answer_error(
                None, _Refusal(_INVALID_REQUEST, "A message must be an object; batches are not supported.")
            )
        elif "method" in data and "id" in data:
            self._take_request(data, message.unusable)
        elif "method" in data:
            self._take_notification(data, message.unusable)
        elif "result" in data or "error" in data:
            self._take_response(data, message.unusable)
        else:
            number = None if message.unusable else data.get("id")
            text = "A message must have a method, a result or an error."
            self._answer_error(number if is_id(number) else None, _Refusal(_INVALID_REQUEST, text))
        self._prune()

    def _take_request(self, data: dict[str, Any], unusable: str) -> None:
        number, method = data["id"], data["method"]
        if method == types.EXIT:
            raise ExitRequested(0 if self.shut_down else 1)
        refusal = self._outside_of_life(data) or self._unknown(method)
        if refusal is None and unusable:
            refusal = _Refusal(_INVALID_PARAMS, f"The parameters of {method} cannot be read. {unusable}")
        request = refusal or self._request(data)
        if isinstance(request, _Refusal):
            self._answer_error(number if is_id(number) else None, request)
            return
        contextvars.copy_context().run(self._handle_request, number, request.method, request.params)
        self.shut_down = self.shut_down or method == types.SHUTDOWN

    def _outside_of_life(self, data: dict[str, Any]) -> _Refusal | None:
        """Return what is wrong with a request regardless of its method, or None."""
        if not is_id(data["id"]):
            return _Refusal(_INVALID_REQUEST, "The id of a request must be a string or an integer.")
        if data.get("jsonrpc") != VERSION:
            return _Refusal(_INVALID_REQUEST, '`jsonrpc` must be "2.0".')
        if not isinstance(data["method"], str):
            return _Refusal(_INVALID_REQUEST, "`method` must be a string.")
        if self.shut_down:
            return _Refusal(_INVALID_REQUEST, "The server is shutting down.")
        starts = data["method"] == types.INITIALIZE
        if starts and self.initialized:
            return _Refusal(_INVALID_REQUEST, "The server is already initialized.")
        return None if starts or self.initialized else _Refusal(_NOT_INITIALIZED, "Send `initialize` first.")

    def _unknown(self, method: str) -> _Refusal | None:
        registered = method in self.fm.features or method in self.fm.builtin_features
        if registered and (method.startswith(REQUEST_PREFIX) or self.get_result_type(method) is not None):
            return None
        return _Refusal(_METHOD_NOT_FOUND, f"Unknown request: {method[:100]}")

    def _request(self, data: dict[str, Any]) -> Any:
        """Return the request with its parameters as its handler takes them, or the refusal."""
        method, params = data["method"], data.get("params")
        if method == types.WORKSPACE_EXECUTE_COMMAND:
            named = self._named_by_command(params)
            if isinstance(named, _Refusal):
                return named
            method, params = named
        if method.startswith(REQUEST_PREFIX):
            return JsonRPCRequestMessage(id=data["id"], method=method, jsonrpc=VERSION, params=params)
        try:
            return self.structure_message(data)
        except JsonRpcException as error:
            return _Refusal(_INVALID_PARAMS, f"The parameters of {method} cannot be read{_where(error.__cause__)}.")

    def _named_by_command(self, params: Any) -> tuple[str, Any] | _Refusal:
        command = params.get("command") if isinstance(params, dict) else None
        if not isinstance(command, str):
            return _Refusal(_INVALID_PARAMS, "`command` must be a string.")
        method = REQUEST_PREFIX + command.removeprefix(COMMAND_PREFIX)
        if not command.startswith(COMMAND_PREFIX) or method not in self.fm.features:
            return _Refusal(_INVALID_PARAMS, f"Unknown command: {command[:100]}")
        arguments = params.get("arguments")
        if arguments is not None and not isinstance(arguments, list):
            return _Refusal(_INVALID_PARAMS, "`arguments` must be an array.")
        return method, arguments[0] if arguments else {}

    def _take_notification(self, data: dict[str, Any], unusable: str) -> None:
        method = data["method"]
        if method == types.EXIT:
            raise ExitRequested(0 if self.shut_down else 1)
        if unusable or data.get("jsonrpc") != VERSION or not isinstance(method, str):
            _log.warning("Ignored a notification that is not valid JSON-RPC")
            return
        builtin = method in self.fm.builtin_features and not method.startswith("notebookDocument/")
        known = method in self.fm.features or builtin or method == types.CANCEL_REQUEST
        is_request = method.startswith(REQUEST_PREFIX) or self.get_result_type(method) is not None
        if not known or is_request or not self.initialized or self.shut_down:
            return
        try:
            message = self.structure_message(data)
        except JsonRpcException as error:
            _log.warning("Ignored %s: its parameters cannot be read%s", method, _where(error.__cause__))
            return
        contextvars.copy_context().run(self._handle_notification, method, message.params)

    def _take_response(self, data: dict[str, Any], unusable: str) -> None:
        number: Any = data.get("id")
        if not is_id(number):
            return
        try:
            if unusable or data.get("jsonrpc") != VERSION:
                raise JsonRpcException("The response is not valid JSON-RPC.")
            answer = self.structure_message(data)
        except JsonRpcException:
            _log.warning("Ignored a response that cannot be read")
            future = self._request_futures.pop(number, None)
            if future is not None:
                future.cancel()
            return
        self._handle_response(number, getattr(answer, "result", None), getattr(answer, "error", None))

    def _get_handler(self, feature_name: str) -> Any:
        """Return our handler alone for document texts.

        pygls would keep a second copy, and fail on a document that it does not know.
        """
        own = self.fm.features.get(feature_name) if feature_name.startswith("textDocument/did") else None
        return own or super()._get_handler(feature_name)

    def _handle_request(self, msg_id: Any, method_name: str, params: Any) -> None:
        self._ctx_msg_id.set(msg_id)
        answer = partial(self._answer, number=msg_id, method=method_name)
        self._execute_handler(msg_id=msg_id, handler=self._get_handler(method_name), args=(params,), callback=answer)

    def _handle_notification(self, method_name: str, params: Any) -> None:
        if method_name == types.CANCEL_REQUEST:
            self._handle_cancel_notification(params.id)
            return
        done = partial(self._notified, method=method_name)
        handler = self._get_handler(method_name)
        self._execute_handler(msg_id=str(uuid.uuid4()), handler=handler, args=(params,), callback=done)

    def _answer(self, future: Future[Any], *, number: Any, method: str) -> None:
        self._request_futures.pop(number, None)
        if future.cancelled():
            self._answer_error(number, _Refusal(_REQUEST_CANCELLED, "The request was cancelled."))
            return
        try:
            self._send_response(number, result=future.result())
        except Exception as error:  # noqa: BLE001 - every request is answered, also when encoding the result fails
            self._answer_error(number, self._refusal(error, method))

    def _notified(self, future: Future[Any], *, method: str) -> None:
        if future.cancelled() or (error := future.exception()) is None:
            return
        if isinstance(error, (CodekinError, JsonRpcException)):
            _log.warning("%s: %s", method, error)
        else:
            self._server.failed(method, error)  # type: ignore[attr-defined] # ours

    def _refusal(self, error: BaseException, method: str) -> _Refusal:
        if isinstance(error, SettingsError):
            return _Refusal(_INVALID_PARAMS, str(error))
        if isinstance(error, CancelledError):
            return _Refusal(_REQUEST_CANCELLED, "The request was cancelled.")
        if isinstance(error, CodekinError):
            return _Refusal(_REQUEST_FAILED, str(error))
        if isinstance(error, JsonRpcException) and not isinstance(error, JsonRpcInternalError):
            return _Refusal(error.code, error.message)
        self._server.failed(method, error)  # type: ignore[attr-defined] # ours
        return _Refusal(
            _INTERNAL_ERROR, f"{method} failed unexpectedly ({type(error).__name__}). To fix: report it with the log."
        )

    def _answer_error(self, number: Any, refusal: _Refusal) -> None:
        error = {"code": refusal.code, "message": refusal.text[:_MAX_ERROR_CHARACTERS]}
        self._send_data({"jsonrpc": VERSION, "id": number, "error": error})

    def _send_data(self, data: Any) -> None:
        if self.writer is None or not data:
            return
        body = written(data, self._serialize_message)
        header = f"Content-Length: {len(body)}\r\nContent-Type: {self.CONTENT_TYPE}; charset={self.CHARSET}\r\n\r\n"
        try:
            self.writer.write(header.encode("ascii") + body)
        except (OSError, ValueError):  # closed at the other end, or here
            self._server.disconnected.set()  # type: ignore[attr-defined] # ours

    def _prune(self) -> None:
        """Drop the futures of handlers that ended at once, which pygls keeps."""
        futures = self._request_futures
        for number in [number for number, future in futures.items() if future.done()]:
            del futures[number]


def _where(error: BaseException | None) -> str:
    """Return " at " and the fields that are missing or of a wrong type, without their values."""
    if error is None:
        return ""
    try:
        places = [text.rpartition(" @ ")[2] for text in transform_error(error)]
    except TypeError:
        return ""
    return f" at {', '.join(places[:3])}"
