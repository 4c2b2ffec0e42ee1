"""One client's session: the engine behind it, its settings, its unsaved buffers."""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace
from pygls.exceptions import JsonRpcException

from codekin.config import Config, load_config
from codekin.errors import CancelledError, CodekinError, SettingsError
from codekin.lsp.params import invalid

if TYPE_CHECKING:
    from codekin.engine import Engine, Status

_REQUEST_FAILED = -32803
_log = logging.getLogger(__name__)
T = TypeVar("T")


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
        self._engine: asyncio.Task[Engine] | None = None
        self._typing: dict[Path, asyncio.Task[None]] = {}
        self._changing = asyncio.Lock()
        self.failure = ""
        """Why there is no engine; empty where there is one, or may yet be."""
        self.metrics_url = ""
        """Where `metrics` may be had; empty where that was not asked for."""

    @property
    def code_lens(self) -> bool:
        """Whether lenses are wanted."""
        return self._config.code_lens

    @property
    def has_roots(self) -> bool:
        """Whether any folder is known."""
        return bool(self._roots)

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
                self.start(self._roots)

    def start(self, roots: Sequence[Path]) -> None:
        """Opens the engine in the background; requests wait for it."""
        self._roots = list(roots)
        self.failure = ""
        self._engine = asyncio.create_task(self._open())
        self._engine.add_done_callback(self._opened)

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
        """Runs a request; when the client cancels it, the event is set and the work stops."""
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
        """Folders came and went."""
        self._roots = [root for root in self._roots if root not in removed] + list(added)
        if self._engine is None:
            self.start(self._roots)
            return
        engine = await self.engine()
        for root in removed:
            await engine.remove_root(root)
        for root in added:
            try:
                await engine.add_root(root)
            except CodekinError as error:
                self._tell(str(error))

    def typed(self, path: Path, text: str) -> None:
        """A buffer changed; it is searchable a moment after the last key."""
        self._forget_typing(path)
        self._typing[path] = asyncio.create_task(self._overlay(path, text))

    async def saved(self, paths: Sequence[Path]) -> None:
        """Files changed on disk; their buffers are what is on disk now."""
        engine = await self.engine()
        for path in paths:
            self._forget_typing(path)
        await engine.files_changed(paths)
        for path in paths:
            await engine.close_buffer(path)

    async def closed(self, path: Path) -> None:
        """A buffer was closed; what was not saved is gone."""
        self._forget_typing(path)
        engine = self.engine_now()
        if engine:
            await engine.close_buffer(path)

    async def close(self) -> None:
        """Ends everything with the index intact. Idempotent."""
        for path in list(self._typing):
            self._forget_typing(path)
        await self._close_engine()

    async def _open(self) -> Engine:
        # numpy and the engine take a third of a second to import: not before initialize is answered.
        module = await asyncio.to_thread(importlib.import_module, "codekin.engine")
        engine: Engine = await module.Engine.open(self._config, self._roots, watch=True)
        engine.subscribe(self._on_status)
        self._on_status(engine.status())
        return engine

    def _opened(self, task: asyncio.Task[Engine]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("The engine cannot be opened", exc_info=error)
            self.failure = str(error) if isinstance(error, CodekinError) else "The index cannot be opened: see the log."
            self._on_failure(self.failure)

    async def _close_engine(self) -> None:
        task, self._engine = self._engine, None
        if task is not None:
            (engine,) = await asyncio.gather(task, return_exceptions=True)
            if not isinstance(engine, BaseException):
                await engine.close()

    async def _overlay(self, path: Path, text: str) -> None:
        await asyncio.sleep(self._config.overlay_debounce_ms / 1000)
        engine = await self.engine()
        await engine.update_buffer(path, text)

    def _forget_typing(self, path: Path) -> None:
        task = self._typing.pop(path, None)
        if task:
            task.cancel()
