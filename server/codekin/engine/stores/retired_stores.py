"""Replaced stores, closed once no search can use them any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from codekin.domain.ports import VectorStore
from codekin.errors import CodekinError
from codekin.storage import LexicalIndex, TrigramIndex

LONGEST_SEARCH_S = 600
"""Delay before replaced stores are closed; no search takes longer."""
Retired = Sequence["VectorStore | LexicalIndex | TrigramIndex"]
_log = logging.getLogger(__name__)


class RetiredStores:
    """The replaced stores of one root, on one event loop; `worker` closes them."""

    def __init__(self, worker: ThreadPoolExecutor) -> None:
        self._worker = worker
        self._pending: dict[asyncio.TimerHandle, Retired] = {}

    def add(self, stores: Retired) -> None:
        """Close stores later.

        A slow search that began with them may outlast several moves.
        """

        def close() -> None:
            del self._pending[timer]
            self._worker.submit(_close_all, stores)

        timer = asyncio.get_running_loop().call_later(LONGEST_SEARCH_S, close)
        self._pending[timer] = stores

    async def close(self) -> None:
        """Close all of them now."""
        loop = asyncio.get_running_loop()
        for timer, stores in list(self._pending.items()):
            timer.cancel()
            await loop.run_in_executor(self._worker, _close_all, stores)
        self._pending.clear()


def _close_all(stores: Retired) -> None:
    for store in stores:
        try:
            store.close()
        except (CodekinError, OSError):
            _log.exception("Could not close a replaced store")
