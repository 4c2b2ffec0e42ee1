"""Running git with limits on time and output.

The process and everything it started end with the call, and with this program.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

from codekin.errors import GitError
from codekin.git.found import GitDirectory
from codekin.git.program import NEUTRAL_FOLDER, environment, git_program, options

_READ_BYTES = 1 << 16
_MAX_ERROR_BYTES = 10_000
_GUARD = 'read -r group || exit 0; read -r ended || kill -s KILL -- "-$group"'
"""Script that reads the number of the process group, then waits for a line that says it ended.

If this program dies instead, its end of the pipe closes, and the script kills the group.
"""


class Stop:
    """Ends the git calls that use it, from any thread.

    Later calls with it raise GitError at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._set = False

    def set(self) -> None:
        """End the running calls. Returns at once."""
        with self._lock:
            self._set = True
            calls = list(self._calls)
        for call in calls:
            call.end("was cancelled")

    @contextmanager
    def _watching(self, call: _Call) -> Iterator[None]:
        with self._lock:
            stopped = self._set
            self._calls.add(call)
        try:
            if stopped:
                call.end("was cancelled")
            yield
        finally:
            with self._lock:
                self._calls.discard(call)


def run_git(
    where: Path | GitDirectory,
    *arguments: str,
    limit_s: float,
    limit_bytes: int,
    stdin: bytes = b"",
    stop: Stop | None = None,
) -> bytes:
    """Return the standard output of `git ARGUMENTS`.

    In a folder (`Path`), git sees the work tree; in a GitDirectory, only objects and refs.
    Blocking; any thread may call. Raises GitError if git is missing or fails, at a limit, and after
    `stop`.
    """
    blocks = stream_git(where, *arguments, limit_s=limit_s, limit_bytes=limit_bytes, stdin=stdin, stop=stop)
    with closing(blocks):
        return b"".join(blocks)


def stream_git(
    where: Path | GitDirectory,
    *arguments: str,
    limit_s: float,
    limit_bytes: int,
    stdin: bytes = b"",
    stop: Stop | None = None,
) -> Generator[bytes, None, None]:
    """Yield the standard output of `git ARGUMENTS` in blocks, as they arrive.

    Arguments are those of `run_git`. Closing the generator ends git. A failure of git is raised
    after its last block.
    """
    command, extra = _command(where, arguments)
    with ExitStack() as stack:
        call = stack.enter_context(_started(command, extra, stdin, _name(arguments)))
        if stop is not None:
            stack.enter_context(stop._watching(call))  # noqa: SLF001 - Stop and this function belong together
        timer = threading.Timer(limit_s, call.end, [f"took longer than {limit_s:g} s"])
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
        sent = 0
        while block := call.output.read1(_READ_BYTES):
            sent += len(block)
            if sent > limit_bytes:
                call.end(f"returned more than {limit_bytes:,} bytes")
                break
            yield block
        call.finish()


def _command(where: Path | GitDirectory, arguments: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    program = git_program()
    if isinstance(where, Path):
        return [program, "-C", str(where.absolute()), *options(), *arguments], {}
    # Without a work tree, git runs no filters and reads no .mailmap that may be a pipe.
    extra = {"GIT_DIR": str(where.directory), "GIT_WORK_TREE": str(NEUTRAL_FOLDER)}
    return [program, "--literal-pathspecs", *options(), *arguments], extra


def _name(arguments: tuple[str, ...]) -> str:
    """Return the name of the git command, which settings may precede."""
    at = 0
    while arguments[at] == "-c":
        at += 2
    return arguments[at]


@contextmanager
def _started(command: list[str], extra: Mapping[str, str], stdin: bytes, name: str) -> Iterator[_Call]:
    with ExitStack() as stack:
        source: IO[bytes] | int = subprocess.DEVNULL
        if stdin:
            source = stack.enter_context(tempfile.TemporaryFile())
            source.write(stdin)
            source.seek(0)
        guard = stack.enter_context(_guard())
        try:
            process = subprocess.Popen(  # noqa: S603 - the program is git, found by absolute path, no shell
                command,
                cwd=NEUTRAL_FOLDER,
                env=environment(extra),
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            raise GitError(f"Git could not be started: {error}.") from error
        guard(process.pid)
        call = _Call(process, name)
        stack.callback(call.close)
        yield call


@contextmanager
def _guard() -> Iterator[Callable[[int], None]]:
    """Start a shell that ends git if this program is killed.

    On systems without a shell, git ends when it next writes to the closed pipe.
    """
    if sys.platform == "win32" or not Path("/bin/sh").exists():
        yield lambda _: None
        return
    with subprocess.Popen(  # noqa: S603 - a fixed script
        ["/bin/sh", "-c", _GUARD],
        bufsize=0,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        pipe = process.stdin

        def send(text: object) -> None:
            with suppress(BrokenPipeError):  # the guard was killed; this program ends git without it
                pipe.write(f"{text}\n".encode())

        try:
            yield send
        finally:
            send("ended\nended")


class _Call:
    """One running git, whose process group can be ended from any thread until it is reaped."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self._process = process
        self._name = name
        self._lock = (
            threading.Lock()
        )  # serialises kill and reaping: after reaping, the number may belong to another group
        self._reaped = False
        self._ended = ""
        self._error_text = b""
        self.output = cast(BufferedReader, process.stdout)
        self._errors = cast(BufferedReader, process.stderr)
        self._error_reader = threading.Thread(target=self._read_errors, name="git-errors", daemon=True)
        self._error_reader.start()

    def end(self, reason: str) -> None:
        """Kill the process group; `finish` reports the reason. Does nothing once it was reaped."""
        with self._lock:
            if not self._reaped:
                self._ended = self._ended or reason
                self._kill()

    def finish(self) -> None:
        """Wait until git ends. Raises GitError if it failed."""
        self._wait()
        self._error_reader.join()
        if self._ended:
            raise GitError(f"git {self._name} {self._ended} and was stopped.")
        if self._process.returncode:
            raise GitError(_failure(self._error_text.decode("utf-8", "replace"), self._name))

    def close(self) -> None:
        """End git if it still runs, and close its pipes."""
        self.end("was abandoned")
        self._wait()
        self._error_reader.join()
        self.output.close()
        self._errors.close()

    def _wait(self) -> None:
        if sys.platform != "win32" and hasattr(os, "waitid") and not self._reaped:
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            if not self._reaped:
                self._process.wait()
                self._reaped = True
                # Remaining processes of the group keep the pipes open and the number in use.
                self._kill()

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):  # the group has ended, or is a zombie on macOS
                os.killpg(self._process.pid, signal.SIGKILL)

    def _read_errors(self) -> None:
        while block := self._errors.read1(_READ_BYTES):
            self._error_text = (self._error_text + block)[:_MAX_ERROR_BYTES]


def _failure(error_text: str, command: str) -> str:
    if "dubious ownership" in error_text:
        return (
            "Git does not trust this repository because it belongs to another user. To fix: run `git config --global "
            "--add safe.directory` with the repository's folder."
        )
    return f"git {command} failed: {' '.join(error_text.split())[:300] or 'no reason given'}"
