"""The log file of every command and server.

It says what failed and where in the code, never the content of a file or a query.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import threading
import traceback
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from codekin.config import load_config
from codekin.errors import CodekinError, SettingsError

_LOG_BYTES = 1_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MAX_CAUSES = 5
_LOG_REPRS = ("asyncio", "concurrent.futures")
"""Loggers whose messages contain the repr of a failed task, and with it the text of the error."""


def log_path() -> Path | None:
    """Return the path of the log file, or None if the settings are invalid."""
    try:
        return Path(load_config().home_path()) / "codekin.log"
    except SettingsError:
        return None


def start_logging(*, stderr: bool) -> None:
    """Write warnings and errors to the log file, and to standard error if `stderr` is set.

    If the file cannot be written, standard error is used alone.
    """
    handlers: list[logging.Handler] = []
    path = log_path()
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handlers.append(_PrivateFile(path, maxBytes=_LOG_BYTES, backupCount=2, delay=True))
        except OSError as error:
            stderr = stderr or sys.stderr is not None
            print(f"codekin: cannot write a log to {path.parent} ({error.strerror}).", file=sys.stderr)  # noqa: T201
    if stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(_WithoutValues(_FORMAT))
    threading.excepthook = _thread_failed
    logging.basicConfig(level=logging.WARNING, handlers=handlers or [logging.NullHandler()])


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        name = args.thread.name if args.thread else "A thread"
        logging.getLogger(__name__).error("%s failed", name, exc_info=args.exc_value)


def described(error: BaseException) -> str:
    """Return the type of an error, with its text where that cannot quote a file or a query.

    Only the texts of codekin and of the operating system are safe.
    """
    name = type(error).__qualname__
    if isinstance(error, CodekinError) and not isinstance(error, SettingsError):  # a SettingsError may quote a query
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    return name


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating log file that is readable by its owner only."""

    def _open(self) -> TextIOWrapper:
        raw = open(self.baseFilename, "ab", opener=_private)  # noqa: SIM115 - the handler closes it
        return TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class _WithoutValues(logging.Formatter):
    """Format stack traces with the code's own lines, and each error as `described` returns it.

    The text of an unexpected error often quotes a value: "invalid literal for int(): '...'".
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        if record.name in _LOG_REPRS:
            record.message = record.message.partition("\n")[0].partition("<")[0]
        return super().formatMessage(record)

    def formatException(  # noqa: N802 - the library's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        error, parts = ei[1], []
        for _ in range(_MAX_CAUSES):
            if error is None:
                break
            parts.append("".join(traceback.format_tb(error.__traceback__)) + described(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\nCaused by:\n".join(parts)
