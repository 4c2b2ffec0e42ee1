"""The start and end of a command: its streams, exit status and error messages.

Exit status: 0 found or done, 1 nothing found (or stores out of sync), 2 usage error or failure, 130
interrupted. A failure never looks like an answer: unexpected errors exit with 2.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from codekin.display import visible
from codekin.errors import CodekinError
from codekin.process import end_process

NOTHING_FOUND, FAILED, INTERRUPTED = 1, 2, 130


def run_command(command: click.Command) -> None:
    """Run the command line of this process and exit with its status."""
    _open_streams()
    end_process(_status(command))


def _status(command: click.Command) -> int:  # noqa: PLR0911 - one return for each way to end
    output, errors = sys.stdout, sys.stderr
    try:
        # Without its standalone mode, click returns the status of an `Exit` instead of raising it.
        code = command(standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second interrupt also stops the cleanup
        say("Interrupted. Committed data is kept.")
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
        # On a broken pipe, click wraps both streams and exits with 1, which would mean "nothing
        # found".
        sys.stdout, sys.stderr = output, errors
        return _unread()
    except OSError as error:
        return _cannot(error)
    except Exception as error:  # noqa: BLE001 - no failure may look like an answer
        return _unforeseen(error)
    return code if isinstance(code, int) else 0


def _unread() -> int:
    """Return the status after the reader of the output has gone, without a message."""
    _discard_output()
    return FAILED


def say(text: str) -> None:
    """Print a message to standard error, with invisible characters escaped."""
    for line in text.split("\n"):
        click.echo(visible(line), err=True)


def _cannot(error: OSError) -> int:
    if isinstance(error, _ClosedError) or _is_output(error):
        _discard_output()
        say(f"codekin: Could not write the output ({error.strerror}).")
        return FAILED
    _write_log(error)
    name = f" {error.filename}" if isinstance(error.filename, str) else ""
    say(f"codekin: The system refused access{f' to{name}' if name else ''} ({error.strerror or type(error).__name__}).")
    return FAILED


def _unforeseen(error: Exception) -> int:
    where = _write_log(error)
    say(
        f"codekin: The command failed unexpectedly ({type(error).__name__}). Its output, if any, is incomplete. "
        f"To fix: try again. If it fails again, report it with the log: {where}"
    )
    return FAILED


def _write_log(error: Exception) -> str:
    import logging  # noqa: PLC0415 - keeps a command quick that another process answers

    from codekin.logs import log_path, start_logging  # noqa: PLC0415

    start_logging(stderr=False)
    logging.getLogger(__name__).error("The command failed", exc_info=error)
    return str(log_path() or "none, because the settings are invalid")


def _is_output(error: OSError) -> bool:
    """Whether writing to a full disk or a closed terminal failed; errors on opening have names."""
    return error.filename is None and error.errno in (errno.EBADF, errno.ENOSPC, errno.EIO, errno.EINVAL)


class _ClosedError(OSError):
    """An attempt to write to standard output, which was closed when the process began."""


class _Closed(io.TextIOBase):
    """Replaces a closed standard output. Work is done as usual, and printing fails."""

    def write(self, _text: Any) -> int:
        raise _ClosedError(errno.EBADF, os.strerror(errno.EBADF))

    @property
    def buffer(self) -> _Closed:
        return self

    def writable(self) -> bool:
        return True


def _open_streams() -> None:
    """Open closed standard descriptors, which the next opened file, such as an index, would get."""
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
        reconfigure(errors="backslashreplace")  # escape characters that the terminal's encoding lacks


def _discard_output() -> None:
    """Redirect the output to nowhere, so that Python does not try to flush it again on exit."""
    sink = os.open(os.devnull, os.O_WRONLY)
    if not isinstance(sys.stdout, _Closed):
        os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
