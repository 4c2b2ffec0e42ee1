"""One client's session: the engine behind it, its settings, and the documents that the client has open."""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace
from pygls.exceptions import JsonRpcException

from codekin.config import Config, load_config
from codekin.errors import CancelledError, CodekinError, SettingsError
from codekin.lsp.params import invalid
from codekin.lsp.projects import project_of
from codekin.memory import release

if TYPE_CHECKING:
    from codekin.engine import Engine, Status

_REQUEST_FAILED = -32803
_FIRST_RETRY_S, _LONGEST_RETRY_S = 1.0, 60.0
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Open:
    """An open document as the client last sent it."""

    version: int
    text: str


class Session:
    """`tell` shows a message to the user; `on_status` is called with every new status, `on_failure` with the reason for
    which there is no engine.
    """

    def __init__(
        self, tell: Callable[[str], None], on_status: Callable[[Status], None], on_failure: Callable[[str], None]
    ) -> None:
        self._tell = tell
        self._on_status = on_status
        self._on_failure = on_failure
        self._config = Config()
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
        self.failure = ""
        """Why there is no engine; empty where there is one, or may yet be."""
        self.metrics_url = ""
        """Where `metrics` may be had; empty where that was not asked for."""

    @property
    def code_lens(self) -> bool:
        """Whether lenses are wanted."""
        return self._config.code_lens

    def configure(self, options: Mapping[str, Any]) -> None:
        """Takes settings; those that cannot be used are named to the user, and the others hold."""
        good: dict[str, Any] = {}
        for name, value in options.items():
            try:
                load_config({**good, name: value})
                good[name] = value
            except SettingsError as error:
                self._tell(str(error))
        self._config = load_config(good)

    async def reconfigure(self, options: Mapping[str, Any]) -> None:
        """The same while running: the engine is opened anew if anything differs that it goes by."""
        before = self._config
        self.configure(options)
        differs = replace(before, code_lens=self._config.code_lens) != self._config
        if differs and self._engine is not None:
            async with self._changing:
                await self._close_engine()
                self._begin()

    def start(self, roots: Sequence[Path], *, given: bool = False) -> None:
        """Open the engine in the background; requests wait for it. Once it has begun, a second start changes nothing.

        `given` says that the client named these folders: then files elsewhere are none of ours.
        """
        if self._engine is None and not self._closed:
            self._given = given
            self._roots = list(roots)
            self._begin()

    def serve_file(self, path: Path) -> None:
        """Take in the project of an opened file, or the file alone, for a client that names no folders."""
        if self._given or any(path == root or path.is_relative_to(root) for root in self._roots):
            return
        root = project_of(path)
        if self._engine is None:
            self.start([root])
        else:
            self._in_background(self.change_folders([root], []))

    async def engine(self) -> Engine:
        """The engine, once it is there. Raises CodekinError when it cannot be opened."""
        if self._engine is None:
            raise invalid("No folder is open.")
        return await asyncio.shield(self._engine)

    def engine_now(self) -> Engine | None:
        """The engine if it is there already."""
        task = self._engine
        return task.result() if task and task.done() and not task.cancelled() and task.exception() is None else None

    def metrics(self) -> str:
        """The numbers as they are now, for Prometheus."""
        from codekin.metrics import metrics_text  # noqa: PLC0415 - only for those who ask

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
        """Take in and let go of folders, in the order in which the client reported them."""
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
                    self._tell(str(error))
        for path in self._documents:
            self._show(path)

    def opened(self, path: Path, text: str, version: int) -> None:
        """A document was opened; a text that differs from the disk's is searchable at once."""
        self._documents[path] = _Open(version, text)
        self._show(path)

    def typed(self, path: Path, text: str, version: int) -> None:
        """A document changed; it is searchable a moment after the last key."""
        self._documents[path] = _Open(version, text)
        self._forget_typing(path)
        delay_s = self._config.overlay_debounce_ms / 1000
        self._typing[path] = asyncio.get_running_loop().call_later(delay_s, self._show, path)

    def saved(self, path: Path) -> None:
        """A document was saved; what is typed after this call stays an unsaved text."""
        document = self._documents.get(path)
        self._forget_typing(path)
        self.changed_on_disk([path], {path: document.version} if document else {})

    def closed(self, path: Path) -> None:
        """A document was closed; what was not saved is gone."""
        self._documents.pop(path, None)
        self._forget_typing(path)
        if engine := self.engine_now():
            self._in_background(engine.close_buffer(path))

    def changed_on_disk(self, paths: Sequence[Path], saved: Mapping[Path, int] | None = None) -> None:
        """Files changed on disk. Before the engine is there, its first pass finds them."""
        if engine := self.engine_now():
            self._in_background(engine.files_changed(paths, saved))

    async def close(self) -> None:
        """End everything with the index intact. Idempotent."""
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
        # numpy and the engine take a third of a second to import: not before initialize is answered.
        module = await asyncio.to_thread(importlib.import_module, "codekin.engine")
        engine: Engine = await module.Engine.open(self._config, self._roots, watch=True)
        engine.subscribe(self._on_status)
        self._on_status(engine.status())
        return engine

    def _opened(self, task: asyncio.Task[Engine]) -> None:
        if task.cancelled() or task is not self._engine:
            return
        error = task.exception()
        if error is None:
            self._retry_s = _FIRST_RETRY_S
            for path in self._documents:
                self._show(path)
            return
        reason = str(error) if isinstance(error, CodekinError) else "The index cannot be opened: see the log."
        if reason != self.failure:
            _log.error("The engine cannot be opened", exc_info=error)
            self._on_failure(reason)
        self.failure = reason
        # A disk gets room again, a drive comes back: what failed is tried again, ever less often.
        self._retry = asyncio.get_running_loop().call_later(self._retry_s, self._open_again)
        self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)

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
                await engine.close()
                del engine, task
                await asyncio.to_thread(release)

    def _show(self, path: Path) -> None:
        """Hand the latest text of a document to the engine; before that is there, its opening does so."""
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
            # The engine keeps what failed to be done, and shows it in the status.
            _log.error("A change could not be taken up at once", exc_info=error)

    def _forget_typing(self, path: Path) -> None:
        timer = self._typing.pop(path, None)
        if timer:
            timer.cancel()
