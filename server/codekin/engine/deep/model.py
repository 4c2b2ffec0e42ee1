"""The deep model and its threads: loaded after the first answers, and idle while requests run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import psutil

from codekin.config import Config
from codekin.domain.ports import Embedder, Vectors
from codekin.embedding import deep_model_name, has_deep_model, open_embedder
from codekin.engine.stores.location import IndexLocation
from codekin.errors import EmbedderError
from codekin.storage import FLAT

_DEEP = "deep"
_LOWEST_PRIORITY = 19
_QUIET_S = 0.3
"""Delay after the last request or keystroke before anything is embedded."""
_BATTERY_CHECK_S = 10.0
_UNIT_TEXTS = 8
"""Number of texts that one thread embeds between two checks for requests, about 0.25 s."""
_LEAST_MEMORY = 1_000_000_000
"""Available memory in bytes from which a model that is only there by default is loaded."""
_FEWEST_MEASURED = 64
"""Number of texts after which the speed is known."""
T = TypeVar("T")


class DeepModel:
    """The deep model of all roots, on one event loop.

    `spec` is the setting of an embedder, "" if the tier is off.
    """

    def __init__(self, config: Config, *, background: bool) -> None:
        self.is_automatic = config.deep == "auto"
        self.installed = has_deep_model()
        self.spec = _spec(config.deep)
        self._only_if_filled = self.is_automatic and not background
        self.embedder: Embedder | None = None
        self.failure = ""
        self.computed = 0
        self._seconds = 0.0
        self.uses: Counter[tuple[str, str]] = Counter()
        """Number of times that files were found or edited, by root and path."""
        self._config = config
        processors = config.deep_budget * (os.cpu_count() or 1)
        self._workers = max(1, int(processors))
        self._share = min(1.0, processors / self._workers)
        self._threads = ThreadPoolExecutor(
            self._workers, "codekin-deep", initializer=_lower_priority if background else None
        )
        self._requests = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._busy_at = 0.0
        self._battery = _Battery()

    async def open(self, locations: Iterable[IndexLocation]) -> None:
        """Load the model; `failure` says what went wrong.

        A command that works alone loads a model that is only there by default if one of the indexes
        has vectors of it, because it would have to answer without them.
        """
        if self._only_if_filled and self.spec and not await asyncio.to_thread(_are_filled, [*locations]):
            self.spec = ""
        if self.embedder is not None or not self.spec:
            return
        available = psutil.virtual_memory().available
        if self.is_automatic and available < _LEAST_MEMORY:
            self.failure = (
                f"The deep tier is off: only {available / (1 << 20):,.0f} MiB of memory is available, and it takes 250 MiB. "
                'To fix: close other programs and start again, or set "deep" to "on" to use it all the same.'
            )
            return
        try:
            self.embedder = await asyncio.to_thread(self._open)  # at full priority, because a search may wait for it
        except EmbedderError as error:
            self.failure = f"The deep tier is off: {error}"

    async def run(self, work: Callable[[], T]) -> T:
        """Run work on one of the tier's threads.

        In the background they have the lowest priority.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts; at most `unit` of them keep requests from waiting.

        Pauses afterwards if the budget is less than one processor. Raises EmbedderError.
        """
        model = self.embedder
        assert model is not None
        if not texts:
            return np.empty((0, model.dim), np.float32)
        started = time.monotonic()
        parts = [list(texts[at :: self._workers]) for at in range(min(self._workers, len(texts)))]
        rows = np.empty((len(texts), model.dim), dtype=np.float32)
        for at, made in enumerate(
            await asyncio.gather(*(self.run(lambda part=part: model.embed_passages(part)) for part in parts))  # type: ignore[misc]
        ):
            rows[at :: self._workers] = made
        self.computed += len(texts)
        self._seconds += (time.monotonic() - started) / self._share
        if self._share < 1.0:
            await asyncio.sleep((time.monotonic() - started) * (1 / self._share - 1))
        return rows

    def remaining_s(self, texts: int) -> float | None:
        """Return how long that many texts take at the speed so far; None before it is known."""
        if self.computed < _FEWEST_MEASURED:
            return None
        return texts * self._seconds / self.computed

    @property
    def unit(self) -> int:
        """Number of texts to embed in one call."""
        return _UNIT_TEXTS * self._workers

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """Pause the tier while a request is answered, and shortly after."""
        self._requests += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._requests -= 1
            self._busy_at = time.monotonic()
            if not self._requests:
                self._idle.set()

    async def wait_until_idle(self) -> None:
        """Return when no request runs, nobody types, and the machine is not on battery."""
        while True:
            await self._idle.wait()
            rest_s = self._busy_at + _QUIET_S - time.monotonic()
            if rest_s > 0:
                await asyncio.sleep(rest_s)
            elif self._battery.in_use():
                await asyncio.sleep(_BATTERY_CHECK_S)
            else:
                return

    def close(self) -> None:
        """End the threads after the texts in progress."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> Embedder:
        return open_embedder(self.spec, allow_downloads=self._config.allow_downloads)


def _spec(setting: str) -> str:
    """Return the setting as that of an embedder, "" for none."""
    if setting == "auto":
        return _DEEP if has_deep_model() else ""
    return {"off": "", "on": _DEEP}.get(setting, setting)


def _are_filled(locations: Sequence[IndexLocation]) -> bool:
    try:
        name = deep_model_name()
    except EmbedderError:
        return True  # loading it says what is wrong
    return any(location.vectors_directory(FLAT, name).is_dir() for location in locations)


class _Battery:
    """Battery state, read from the operating system at most every ten seconds."""

    def __init__(self) -> None:
        self._checked_at = -_BATTERY_CHECK_S
        self._in_use = False

    def in_use(self) -> bool:
        if time.monotonic() - self._checked_at >= _BATTERY_CHECK_S:
            self._checked_at = time.monotonic()
            # Unavailable on some systems, and drivers may fail: then assume mains power.
            with contextlib.suppress(AttributeError, OSError, RuntimeError, ValueError):
                battery = psutil.sensors_battery()
                self._in_use = battery is not None and battery.power_plugged is False
        return self._in_use


def _lower_priority() -> None:
    """Lower the priority of this thread.

    Only Linux has priorities for threads; on other systems they belong to processes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
