"""One client's session: its engine, its settings and its open documents."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace
from pygls.exceptions import JsonRpcException

from codekin.config import Config, usable_config
from codekin.errors import CancelledError, CodekinError, SettingsError
from codekin.lsp.params import invalid
from codekin.lsp.projects import project_of
from codekin.memory import release

if TYPE_CHECKING:
    from codekin.engine import Engine, OpenedEngine, Status
    from codekin.serving.server import QueryServer

_REQUEST_FAILED = -32803
_FIRST_RETRY_S, _MAX_RETRY_S = 1.0, 60.0
_NOT_OF_ENGINE = ("code_lens", "document_symbols", "duplicates_threshold")
"""Settings whose change does not reopen the engine."""
_DEFAULT_IS_USED = "The default is used."
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Open:
    """An open document as the client last sent it."""

    version: int
    text: str


class Session:
    """The engine, settings and open documents of one client. All methods run on the event loop.

    `warn` shows a message to the user. `on_status` receives every new status, `on_failure` the
    reason why the engine could not be opened.
    """

    def __init__(
        self, warn: Callable[[str], None], on_status: Callable[[Status], None], on_failure: Callable[[str], None]
    ) -> None:
        self._warn = warn
        self._on_status = on_status
        self._on_failure = on_failure
        self._config = Config()
        self._invalid: Sequence[str] = ()
        """Invalid settings, in sentences."""
        self._replaced: Sequence[str] = ()
        """Settings whose model or store cannot be used, in sentences."""
        self._roots: list[Path] = []
        self._given = False
        self._engine: asyncio.Task[Engine] | None = None
        self._documents: dict[Path, _Open] = {}
        self._typing: dict[Path, asyncio.TimerHandle] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()
        self._retry: asyncio.TimerHandle | None = None
        self._retry_s = _FIRST_RETRY_S
        self._closed = False
        self._commands: QueryServer | None = None
        self.failure = ""
        """Why the engine could not be opened; "" while it is open or being opened."""
        self.metrics_url = ""
        """URL of the metrics page; "" if metrics are not served."""

    @property
    def code_lens(self) -> bool:
        """Whether code lenses are enabled."""
        return self._config.code_lens

    @property
    def document_symbols(self) -> bool:
        """Whether the outline of a document is answered."""
        return self._config.document_symbols

    @property
    def duplicates_threshold(self) -> float:
        """The minimum similarity of duplicates if a request has none."""
        return self._config.duplicates_threshold

    def configure(self, options: Mapping[str, Any]) -> None:
        """Apply the valid settings, and warn the user about each new one that is invalid."""
        self._config, problems = usable_config(options)
        before, self._invalid = self._invalid, [f"{problem} {_DEFAULT_IS_USED}" for problem in problems]
        for problem in self._invalid:
            if problem not in before:
                self._warn(problem)

    async def reconfigure(self, options: Mapping[str, Any]) -> None:
        """Apply settings while running, and reopen the engine if one of its settings changed."""
        before = self._config
        self.configure(options)
        own = {name: getattr(self._config, name) for name in _NOT_OF_ENGINE}
        differs = replace(before, **own) != self._config
        if differs and self._engine is not None:
            async with self._changing:
                await self._close_engine()
                self._begin()
        elif engine := self.engine_now():
            self._on_status(self.described(engine.status()))

    def described(self, status: Status) -> Status:
        """Return the status of the engine together with the settings that are not used."""
        unused = (*self._invalid, *self._replaced)
        if not unused:
            return status
        state = "degraded" if status.state == "ready" else status.state
        return dataclasses.replace(status, state=state, reasons=(*unused, *status.reasons))

    def start(self, roots: Sequence[Path], *, given: bool = False) -> None:
        """Open the engine in the background; requests wait for it. Later calls have no effect.

        `given` means that the client named these folders, so that files elsewhere are not indexed.
        """
        if self._engine is None and not self._closed:
            self._given = given
            self._roots = list(roots)
            self._begin()

    def serve_file(self, path: Path) -> None:
        """Index the project of an opened file, or the file, for a client that names no folders."""
        if self._given or any(path == root or path.is_relative_to(root) for root in self._roots):
            return
        root = project_of(path)
        if self._engine is None:
            self.start([root])
        else:
            self._in_background(self.change_folders([root], []))

    async def engine(self) -> Engine:
        """Wait for the engine and return it. Raises CodekinError if it cannot be opened."""
        if self._engine is None:
            raise invalid("No folder is open.")
        return await asyncio.shield(self._engine)

    def engine_now(self) -> Engine | None:
        """Return the engine if it is open, or else None."""
        task = self._engine
        return task.result() if task and task.done() and not task.cancelled() and task.exception() is None else None

    def metrics(self) -> str:
        """Return the current metrics in the text format of Prometheus."""
        from codekin.metrics import metrics_text  # noqa: PLC0415 - imported only if metrics are served

        engine = self.engine_now()
        return metrics_text(engine.status() if engine else None)

    async def answering(self, work: Callable[[Engine, threading.Event], Awaitable[T]]) -> T:
        """Run a request; when the client cancels it, the event is set and the work stops."""
        cancel = threading.Event()
        try:
            return await work(await self.engine(), cancel)
        except asyncio.CancelledError:
            cancel.set()
            raise
        except CancelledError as error:
            raise asyncio.CancelledError from error
        except SettingsError as error:
            raise invalid(str(error)) from error
        except CodekinError as error:
            raise JsonRpcException(str(error), _REQUEST_FAILED) from error

    async def change_folders(self, added: Sequence[Path], removed: Sequence[Path]) -> None:
        """Add and remove folders, in the order in which the client reported them."""
        self._roots = list(dict.fromkeys([*(root for root in self._roots if root not in removed), *added]))
        if self._engine is None:
            self._begin()
            return
        async with self._changing:
            engine = await self.engine()
            for root in removed:
                await engine.remove_root(root)
            for root in added:
                try:
                    await engine.add_root(root)
                except CodekinError as error:
                    self._warn(str(error))
        for path in self._documents:
            self._show(path)

    def opened(self, path: Path, text: str, version: int) -> None:
        """Record an opened document. Text that differs from the disk is searchable at once."""
        self._documents[path] = _Open(version, text)
        self._show(path)

    def typed(self, path: Path, text: str, version: int) -> None:
        """Record an edit, which becomes searchable once typing pauses for `overlay_debounce_ms`."""
        self._documents[path] = _Open(version, text)
        self._forget_typing(path)
        delay_s = self._config.overlay_debounce_ms / 1000
        self._typing[path] = asyncio.get_running_loop().call_later(delay_s, self._show, path)

    def saved(self, path: Path) -> None:
        """Record that a document was saved; text typed after this call is unsaved again."""
        document = self._documents.get(path)
        self._forget_typing(path)
        self.changed_on_disk([path], {path: document.version} if document else {})

    def closed(self, path: Path) -> None:
        """Forget a closed document together with its unsaved text."""
        self._documents.pop(path, None)
        self._forget_typing(path)
        if engine := self.engine_now():
            self._in_background(engine.close_buffer(path))

    def changed_on_disk(self, paths: Sequence[Path], saved: Mapping[Path, int] | None = None) -> None:
        """Report changed files to the engine. Before it is open, its first pass finds them."""
        if engine := self.engine_now():
            self._in_background(engine.files_changed(paths, saved))

    async def close(self) -> None:
        """Stop all work and close the index. Idempotent."""
        self._closed = True
        for path in list(self._typing):
            self._forget_typing(path)
        if self._retry:
            self._retry.cancel()
        async with self._changing:
            await self._close_engine()
        for task in self._background:
            task.cancel()
        if self._background:
            await asyncio.wait(self._background)

    def _begin(self) -> None:
        self.failure = ""
        self._engine = asyncio.create_task(self._open(), name="open the engine")
        self._engine.add_done_callback(self._opened)

    async def _open(self) -> Engine:
        # Importing numpy and the engine takes 0.3 s, which must not delay the answer to initialize.
        module = await asyncio.to_thread(importlib.import_module, "codekin.engine")
        opened: OpenedEngine = await module.open_usable(self._config, self._roots)
        engine = opened.engine
        self._report_replaced(opened.replaced)
        serving = await asyncio.to_thread(importlib.import_module, "codekin.serving.server")
        self._commands = serving.QueryServer(engine, opened.config)
        self._commands.start()
        engine.subscribe(lambda status: self._on_status(self.described(status)))
        self._on_status(self.described(engine.status()))
        return engine

    def _report_replaced(self, reasons: Sequence[str]) -> None:
        before, self._replaced = self._replaced, reasons
        for reason in reasons:
            if reason not in before:
                _log.warning(reason)
                self._warn(reason)

    def _opened(self, task: asyncio.Task[Engine]) -> None:
        if task.cancelled() or task is not self._engine:
            return
        error = task.exception()
        if error is None:
            self._retry_s = _FIRST_RETRY_S
            for path in self._documents:
                self._show(path)
            return
        reason = str(error) if isinstance(error, CodekinError) else "Could not open the index. See the log."
        if reason != self.failure:
            _log.error("Could not open the engine", exc_info=error)
            self._on_failure(reason)
        self.failure = reason
        # A full disk or a missing drive may recover, so opening is retried with a growing delay.
        self._retry = asyncio.get_running_loop().call_later(self._retry_s, self._open_again)
        self._retry_s = min(2 * self._retry_s, _MAX_RETRY_S)

    def _open_again(self) -> None:
        if not self._closed and self.failure:
            self._engine = asyncio.create_task(self._open(), name="open the engine")
            self._engine.add_done_callback(self._opened)

    async def _close_engine(self) -> None:
        task, self._engine = self._engine, None
        if self._retry:
            self._retry.cancel()
        if task is not None:
            (engine,) = await asyncio.gather(task, return_exceptions=True)
            if not isinstance(engine, BaseException):
                if self._commands:
                    await self._commands.close()
                await engine.close()
                del engine, task
                await asyncio.to_thread(release)

    def _show(self, path: Path) -> None:
        """Pass the latest text of a document to the engine, or leave that to `_opened`."""
        self._forget_typing(path)
        document, engine = self._documents.get(path), self.engine_now()
        if document and engine:
            self._in_background(engine.update_buffer(path, document.text, document.version))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # The engine keeps the failed change for a retry and shows it in the status.
            _log.error("Could not apply a change; the engine retries it", exc_info=error)

    def _forget_typing(self, path: Path) -> None:
        timer = self._typing.pop(path, None)
        if timer:
            timer.cancel()
