"""What the operating system's events mean for the index."""

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
"""What is asked of the system. Without a choice it tells of everything that is merely read, by whomever: a pass over 3,000 files
overflowed the kernel's queue with its own reading.
"""


class Receiver(Protocol):
    """Called from watchdog's thread with paths relative to the root."""

    def note(self, path: str, change: FileChange) -> None:
        """One file has changed, or what is at or below the path is gone."""

    def note_folder(self, path: str) -> None:
        """A folder has come, gone, or been exchanged for another."""

    def note_root_gone(self) -> None:
        """The root itself was deleted, and its watch with it."""

    def note_failure(self, error: Exception) -> None:
        """An event could not be taken up."""


class Handler(FileSystemEventHandler):
    """Passes on what concerns the index. An exception here would end watchdog's thread, so none leaves."""

    def __init__(self, receiver: Receiver, root: Path, rules: Rules) -> None:
        self._receiver = receiver
        self._root = os.fspath(root)
        self._rules = rules

    def on_any_event(self, event: FileSystemEvent) -> None:
        try:
            self._take(event)
        except Exception as error:  # noqa: BLE001 - it goes to the log and into the status
            _log.exception("A change of %s could not be taken up", event.src_path)
            self._receiver.note_failure(error)

    def _take(self, event: FileSystemEvent) -> None:
        source = os.fsdecode(event.src_path)
        if event.event_type == EVENT_TYPE_MOVED:
            self._gone(source, is_dir=event.is_directory)
            self._came(os.fsdecode(event.dest_path), is_dir=event.is_directory)
        elif event.event_type == EVENT_TYPE_DELETED:
            self._gone(source, is_dir=event.is_directory)
        else:
            self._came(source, is_dir=event.is_directory and event.event_type == EVENT_TYPE_CREATED)

    def _gone(self, absolute: str, *, is_dir: bool) -> None:
        if absolute == self._root:
            self._receiver.note_root_gone()
        path = self._relative(absolute)
        if not path:
            return
        if self._rules.verdict(path, is_dir=is_dir) is None or path.rpartition("/")[2] in IGNORE_FILES:
            self._receiver.note(path, FileChange.DELETED)
        if is_dir:
            self._receiver.note_folder(path)

    def _came(self, absolute: str, *, is_dir: bool) -> None:
        path = self._relative(absolute)
        # By os.path, which answers False where a Path raises: for a folder that may not be entered, or a path too long.
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
    """The files in a folder that the rules let in, at any depth; none if it is no folder, or excluded itself."""
    waiting = [path] if rules.verdict(path, is_dir=True) is None else []
    while waiting:
        folder = waiting.pop()
        # A folder that vanished or may not be read is reported by the next full pass.
        with suppress(OSError), os.scandir(root / folder) as entries:
            for entry in entries:
                below = f"{folder}/{entry.name}"
                is_dir = entry.is_dir(follow_symlinks=False)
                if rules.system.is_link(entry) or rules.verdict(below, is_dir=is_dir) is not None:
                    continue
                if is_dir:
                    waiting.append(below)
                else:
                    yield below
