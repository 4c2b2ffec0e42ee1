"""How a command begins and ends: its streams, its exit status, and what is said when it fails.

Exit status: 0 found or done, 1 nothing found, 2 usage or failure, 130 interrupted. A failure never
looks like an answer: whatever was not foreseen ends in 2.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from codekin.display import visible
from codekin.errors import CodekinError

NOTHING_FOUND, FAILED, INTERRUPTED = 1, 2, 130
_log = logging.getLogger(__name__)


def run_command(command: click.Command) -> None:
    """Runs the command line that the process was started with, and ends the process with its exit status."""
    _open_streams()
    sys.exit(_status(command))


def _status(command: click.Command) -> int:  # noqa: PLR0911 - one for each way to end
    output, errors = sys.stdout, sys.stderr
    try:
        # Without its standalone mode, click returns the status of an `Exit` instead of raising it.
        code = command(standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # another one ends what is still being tidied
        say("Interrupted. What was committed is kept.")
        return INTERRUPTED
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        say(text.getvalue().rstrip("\n"))
        return FAILED
    except CodekinError as error:
        say(f"codekin: {error}")
        return FAILED
    except BrokenPipeError:
        return _unread()
    except SystemExit:
        if sys.stdout is output:
            raise
        # click met a broken pipe, put a wrapper over both streams and ends with 1, which says "nothing found".
        sys.stdout, sys.stderr = output, errors
        return _unread()
    except OSError as error:
        return _cannot(error)
    except Exception as error:  # noqa: BLE001 - the last resort: no failure may look like an answer
        return _unforeseen(error)
    return code if isinstance(code, int) else 0


def _unread() -> int:
    """Whoever read the output is gone, and needs no words."""
    _discard_output()
    return FAILED


def say(text: str) -> None:
    """Tells a person something on standard error, each line with nothing in it invisible."""
    for line in text.split("\n"):
        click.echo(visible(line), err=True)


def _cannot(error: OSError) -> int:
    if isinstance(error, _ClosedError) or _is_output(error):
        _discard_output()
        say(f"codekin: the output cannot be written ({error.strerror}).")
        return FAILED
    _write_log(error)
    name = f" {error.filename}" if isinstance(error.filename, str) else ""
    say(f"codekin: the system refused access{name} ({error.strerror or type(error).__name__}).")
    return FAILED


def _unforeseen(error: Exception) -> int:
    where = _write_log(error)
    say(
        f"codekin: the command failed unexpectedly ({type(error).__name__}). Its answer, if any, is not complete. "
        f"To fix: try again; if it fails again, report it with the log, {where}"
    )
    return FAILED


def _write_log(error: Exception) -> str:
    from codekin.logs import log_path, start_logging  # noqa: PLC0415 - keeps `codekin --help` quick

    start_logging(stderr=False)
    _log.error("The command failed", exc_info=error)
    return str(log_path() or "which the settings do not allow")


def _is_output(error: OSError) -> bool:
    """Whether it is what writing to a full disk or a closed terminal raises: only files that are opened have names."""
    return error.filename is None and error.errno in (errno.EBADF, errno.ENOSPC, errno.EIO, errno.EINVAL)


class _ClosedError(OSError):
    """Standard output was closed when the process began."""


class _Closed(io.TextIOBase):
    """Stands for standard output where there is none. Work is done as ever; what would be printed is a failure."""

    def write(self, _text: Any) -> int:
        raise _ClosedError(errno.EBADF, os.strerror(errno.EBADF))

    @property
    def buffer(self) -> _Closed:
        return self

    def writable(self) -> bool:
        return True


def _open_streams() -> None:
    """A descriptor from 0 to 2 that is closed would be that of the next file opened: of an index, perhaps."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = _Closed()
    reconfigure: Callable[..., None] | None = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")  # a character that the terminal's encoding lacks is shown as an escape


def _discard_output() -> None:
    """Python must not try again, at its end, to write what could not be written."""
    sink = os.open(os.devnull, os.O_WRONLY)
    if not isinstance(sys.stdout, _Closed):
        os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
