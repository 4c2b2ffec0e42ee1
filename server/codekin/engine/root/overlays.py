"""Searchable overlays of unsaved text: the latest text wins, and a closed buffer stays closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from codekin.domain.ports import Keys, Vectors
from codekin.domain.values import Skipped
from codekin.engine.root.documents import Document, Documents
from codekin.engine.work.write_queue import Priority, WriteQueue
from codekin.files import shown_text
from codekin.indexing import Prepared, prepare_buffer
from codekin.searching import Catalog

T = TypeVar("T")
Embed = Callable[[Sequence[Prepared]], Awaitable[tuple[Keys, Vectors]]]


class InWorker(Protocol):
    """Runs blocking work off the event loop."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what the work returns."""
        ...


class Overlays:
    """The open buffers of one root, on the event loop."""

    def __init__(
        self, queue: WriteQueue, catalog: Catalog, in_worker: InWorker, embed: Embed, max_file_bytes: int
    ) -> None:
        self._queue = queue
        self._catalog = catalog
        self._in_worker = in_worker
        self._embed = embed
        self._max_file_bytes = max_file_bytes
        self._documents = Documents()

    def change(self, path: str, text: str, version: int | None) -> asyncio.Future[None] | None:
        """Index an unsaved text; the future ends when it is searchable.

        Returns None if a newer text is known.
        """
        if self._documents.change(path, text, version) is None:
            return None
        return self._queue.submit(
            Priority.BUFFER, lambda: self._show(path), name=f"unsaved text of {path}", key=("buffer", path)
        )

    def close(self, path: str) -> None:
        """Show the file on disk again, immediately; running work finds the buffer closed."""
        self._documents.close(path)
        self._catalog.close_buffer(path)

    def saved(self, path: str, version: int | None) -> None:
        """Show the file on disk again unless the text is newer than the saved version."""
        if path in self._documents and self._documents.saved(path, version):
            self._catalog.close_buffer(path)

    def version(self, path: str) -> int | None:
        """Return the version of an open buffer's latest text."""
        document = self._documents.get(path)
        return document.version if document else None

    def hide(self) -> None:
        """Show the files on disk until `renew`, while the stores or the model are replaced."""
        for path in self._documents.paths():
            self._catalog.close_buffer(path)

    async def renew(self) -> None:
        """Show all open buffers again, with the current model; a step."""
        for path in self._documents.paths():
            await self._show(path)

    async def _show(self, path: str) -> None:
        document = self._documents.get(path)
        if document is None:
            return
        made = await self._prepare(path, document)
        if path not in self._documents:
            return  # closed or saved meanwhile
        if made is None:
            self._catalog.close_buffer(path)
        else:
            prepared, shown, keys, rows = made
            self._catalog.open_buffer(prepared.record, shown, keys, rows)

    async def _prepare(self, path: str, document: Document) -> tuple[Prepared, str, Keys, Vectors] | None:
        """Return the chunks, the shown text and the vectors of a text.

        Returns None if the index already has this text, or if it cannot be indexed.
        """
        prepared = await self._in_worker(lambda: prepare_buffer(path, document.text, self._max_file_bytes))
        if isinstance(prepared, Skipped):
            return None
        stored = self._catalog.record(path)
        if stored and stored.digest == prepared.record.digest:
            return None
        shown = await self._in_worker(lambda: shown_text(path, document.text))
        keys, rows = await self._embed([prepared])
        return prepared, shown, keys, rows
