"""The unsaved texts of one root, each with its version."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """The latest text of an open buffer; a larger `version` is newer."""

    version: int
    text: str


class Documents:
    """The open buffers, on one event loop.

    A path that is not contained is not open, even if work on it is still running.
    """

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._open

    def get(self, path: str) -> Document | None:
        """Return the latest text of an open buffer."""
        return self._open.get(path)

    def paths(self) -> list[str]:
        """Return the paths of all open buffers."""
        return list(self._open)

    def change(self, path: str, text: str, version: int | None) -> Document | None:
        """Store the text unless a newer one is known.

        Returns the new document, or None if nothing changed. Without a version, the text counts as
        the next one.
        """
        known = self._open.get(path)
        latest = known.version if known else 0
        number = latest + 1 if version is None else version
        if known and number < latest:
            return None
        document = self._open[path] = Document(number, text)
        return document

    def close(self, path: str) -> None:
        """Forget the buffer."""
        self._open.pop(path, None)

    def saved(self, path: str, version: int | None) -> bool:
        """Forget the buffer unless its text is newer than the saved version.

        Returns whether it is closed.
        """
        known = self._open.get(path)
        if known and version is not None and known.version > version:
            return False
        self._open.pop(path, None)
        return True
