"""Runs git with limits on time and output; the process and all that it started end with the call, and with this program."""

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
_COMPLAINT_BYTES = 10_000
_GUARD = 'read -r group || exit 0; read -r ended || kill -s KILL -- "-$group"'
"""Waits for the group's number, then for word that it ended; when this program dies instead, its end of the pipe closes."""


class Stop:
    """Ends the git calls that it is given to, from any thread; later calls with it raise GitError at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._set = False

    def set(self) -> None:
        """Ends what runs now. Returns at once."""
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
    """The standard output of `git ARGUMENTS`. In a folder (`Path`), git sees the work tree; of a GitDirectory it sees
    objects and refs alone. Blocking; any thread may call. Raises GitError: no git, a failure, a limit, `stop`.
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
    """The same in blocks as they come. Closing the generator ends git. The failure of git is raised behind its last block."""
    command, extra = _command(where, arguments)
    with ExitStack() as stack:
        call = stack.enter_context(_started(command, extra, stdin, _name(arguments)))
        if stop is not None:
            stack.enter_context(stop._watching(call))  # noqa: SLF001 - two halves of one thing
        timer = threading.Timer(limit_s, call.end, [f"took longer than {limit_s:g} s"])
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
        sent = 0
        while block := call.output.read1(_READ_BYTES):
            sent += len(block)
            if sent > limit_bytes:
                call.end(f"gave more than {limit_bytes:,} bytes")
                break
            yield block
        call.finish()


def _command(where: Path | GitDirectory, arguments: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    program = git_program()
    if isinstance(where, Path):
        return [program, "-C", str(where.absolute()), *options(), *arguments], {}
    # No work tree: its .mailmap and .gitattributes may be pipes, and no filter can run where there are no files.
    extra = {"GIT_DIR": str(where.directory), "GIT_WORK_TREE": str(NEUTRAL_FOLDER)}
    return [program, "--literal-pathspecs", *options(), *arguments], extra


def _name(arguments: tuple[str, ...]) -> str:
    """Of the command, which settings may stand before."""
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
    """A shell that ends git when this program is killed, where there is one; elsewhere git ends when it writes to us."""
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

        def tell(text: object) -> None:
            with suppress(BrokenPipeError):  # somebody killed the guard: this program ends git all the same
                pipe.write(f"{text}\n".encode())

        try:
            yield tell
        finally:
            tell("ended\nended")


class _Call:
    """One running git, whose group can be ended from any thread until it is reaped."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self._process = process
        self._name = name
        self._lock = (
            threading.Lock()
        )  # between the kill and the reaping: the number may belong to another group afterwards
        self._reaped = False
        self._ended = ""
        self._complaint = b""
        self.output = cast(BufferedReader, process.stdout)
        self._errors = cast(BufferedReader, process.stderr)
        self._listener = threading.Thread(target=self._listen, name="git-errors", daemon=True)
        self._listener.start()

    def end(self, reason: str) -> None:
        """Kills it with all that it started; `finish` will say why. Nothing where it was reaped."""
        with self._lock:
            if not self._reaped:
                self._ended = self._ended or reason
                self._kill()

    def finish(self) -> None:
        """Waits until it ends. Raises GitError unless it went well."""
        self._wait()
        self._listener.join()
        if self._ended:
            raise GitError(f"git {self._name} {self._ended} and was stopped.")
        if self._process.returncode:
            raise GitError(_why(self._complaint.decode("utf-8", "replace"), self._name))

    def close(self) -> None:
        """Ends it if it still runs, and lets go of its pipes."""
        self.end("was not waited for")
        self._wait()
        self._listener.join()
        self.output.close()
        self._errors.close()

    def _wait(self) -> None:
        if sys.platform != "win32" and hasattr(os, "waitid") and not self._reaped:
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            if not self._reaped:
                self._process.wait()
                self._reaped = True
                # What it left behind holds the pipes open, and the group's number stays taken as long as it runs.
                self._kill()

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):  # all of the group has ended, or is a zombie on macOS
                os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        while block := self._errors.read1(_READ_BYTES):
            self._complaint = (self._complaint + block)[:_COMPLAINT_BYTES]


def _why(complaint: str, command: str) -> str:
    if "dubious ownership" in complaint:
        return (
            "Git does not trust this repository because it belongs to another user. To fix: run `git config --global "
            "--add safe.directory` with the repository's folder."
        )
    return f"git {command} failed: {' '.join(complaint.split())[:300] or 'it gave no reason'}"
