"""Translation of the operating system's events into changes of the index."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from watchdog.events import (
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MOVED,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from codekin.domain.values import FileChange
from codekin.files.rules import IGNORE_FILES, Rules

_log = logging.getLogger(__name__)
CHANGES: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileDeletedEvent, FileMovedEvent),
    *(DirCreatedEvent, DirDeletedEvent, DirMovedEvent),
]
"""Types of events to request from the system.

By default it reports every read of a file by any process; a pass over 3,000 files overflowed the
kernel's queue with its own reads.
"""


class Receiver(Protocol):
    """Called from watchdog's thread with paths relative to the root."""

    def note(self, path: str, change: FileChange) -> None:
        """Add a change of one file, or the deletion of everything at or below the path."""

    def note_folder(self, path: str) -> None:
        """Add a folder that was created, deleted or replaced."""

    def note_root_gone(self) -> None:
        """Record that the root itself was deleted, and its watch with it."""

    def note_failure(self, error: Exception) -> None:
        """Record that an event could not be processed."""


class Handler(FileSystemEventHandler):
    """Forwards the events that concern the index.

    No exception leaves it, because that would end watchdog's thread.
    """

    def __init__(self, receiver: Receiver, root: Path, rules: Rules) -> None:
        self._receiver = receiver
        self._root = os.fspath(root)
        self._rules = rules

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Forward one event, and report its failure to the receiver."""
        try:
            self._forward(event)
        except Exception as error:  # noqa: BLE001 - it is logged and shown in the status
            _log.exception("Could not process a change of %s", event.src_path)
            self._receiver.note_failure(error)

    def _forward(self, event: FileSystemEvent) -> None:
        source = os.fsdecode(event.src_path)
        if event.event_type == EVENT_TYPE_MOVED:
            self._deleted(source, is_dir=event.is_directory)
            self._appeared(os.fsdecode(event.dest_path), is_dir=event.is_directory)
        elif event.event_type == EVENT_TYPE_DELETED:
            self._deleted(source, is_dir=event.is_directory)
        else:
            self._appeared(source, is_dir=event.is_directory and event.event_type == EVENT_TYPE_CREATED)

    def _deleted(self, absolute: str, *, is_dir: bool) -> None:
        if absolute == self._root:
            self._receiver.note_root_gone()
        path = self._relative(absolute)
        if not path:
            return
        if self._rules.verdict(path, is_dir=is_dir) is None or path.rpartition("/")[2] in IGNORE_FILES:
            self._receiver.note(path, FileChange.DELETED)
        if is_dir:
            self._receiver.note_folder(path)

    def _appeared(self, absolute: str, *, is_dir: bool) -> None:
        path = self._relative(absolute)
        # os.path returns False where a Path raises: in an inaccessible folder, for a path too long.
        if not path or os.path.islink(absolute):
            return
        if is_dir:
            self._receiver.note_folder(path)
        elif not os.path.isdir(absolute) and (
            self._rules.verdict(path, is_dir=False) is None or path.rpartition("/")[2] in IGNORE_FILES
        ):
            self._receiver.note(path, FileChange.CHANGED)

    def _relative(self, absolute: str) -> str:
        return self._rules.system.relative(self._root, absolute)


def files_below(root: Path, rules: Rules, path: str) -> Iterator[str]:
    """Yield the included files in a folder, at any depth.

    Yields none if it is excluded or not a folder.
    """
    pending = [path] if rules.verdict(path, is_dir=True) is None else []
    while pending:
        folder = pending.pop()
        # The next full pass reports a folder that vanished or is unreadable.
        with suppress(OSError), os.scandir(root / folder) as entries:
            for entry in entries:
                below = f"{folder}/{entry.name}"
                is_dir = entry.is_dir(follow_symlinks=False)
                if rules.system.is_link(entry) or rules.verdict(below, is_dir=is_dir) is not None:
                    continue
                if is_dir:
                    pending.append(below)
                else:
                    yield below
