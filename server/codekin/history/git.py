"""Runs git so that it only reads: no prompt, no hook, no pager, no network, no lock, and an end after a deadline."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from codekin.errors import HistoryError

DEADLINE_S = 120.0
_READ_BYTES = 1 << 16
_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    # Settings of the repository must not start programs: it may be a stranger's.
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.showRoot=true"),
    *("-c", "core.commitGraph=true"),
)
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Git before 2.44 knows no GIT_NO_LAZY_FETCH: a partial clone would fetch what it lacks, by a transport of its choice.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "LC_ALL": "C",
}
_KEPT = frozenset(
    ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES")
)
"""Of the variables that begin with GIT_; the others may point to another repository, as they do inside a hook."""


class Git:
    """Git in one folder. Blocking; any thread may call."""

    def __init__(self, root: Path, *, deadline_s: float = DEADLINE_S) -> None:
        self._root = root
        self._deadline_s = deadline_s

    def text(self, *arguments: str) -> str:
        """All output, without the line end. Raises HistoryError."""
        return b"\0".join(self.fields(*arguments)).decode("utf-8", "surrogateescape").rstrip("\n")

    def fields(self, *arguments: str, given: bytes = b"") -> Generator[bytes, None, None]:
        """Output as it comes, cut at NUL bytes. `given` is its standard input. Raises HistoryError."""
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as complaints:
            source.write(given)
            source.seek(0)
            process = self._start(arguments, source, complaints)
            late = threading.Event()

            def end() -> None:
                late.set()
                _kill(process)

            timer = threading.Timer(self._deadline_s, end)
            timer.start()
            try:
                assert process.stdout is not None
                yield from _split(process.stdout)
                status = process.wait()
            finally:
                timer.cancel()
                _kill(process)
                process.wait()
                if process.stdout:
                    process.stdout.close()
            if late.is_set():
                raise HistoryError(f"git {_command(arguments)} took longer than {self._deadline_s:g} s.")
            if status:
                complaints.seek(0)
                raise HistoryError(_why(complaints.read(10_000).decode("utf-8", "replace"), _command(arguments)))

    def _start(self, arguments: tuple[str, ...], source: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
        program = shutil.which("git")
        if program is None:
            raise HistoryError("Git is not installed, so commits cannot be searched. Remedy: install git.")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
        try:
            return subprocess.Popen(  # noqa: S603 - the program is git, the arguments are ours
                [program, *_OPTIONS, *arguments],
                cwd=self._root,
                env={**kept, **_ENVIRONMENT},
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
            )
        except OSError as error:
            raise HistoryError(f"Git cannot be run in {self._root}: {error.strerror}.") from error


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []  # of a field that is longer than a block
    while block := stream.read(_READ_BYTES):
        first, *more = block.split(b"\0")
        parts.append(first)
        for field in more:
            yield b"".join(parts)
            parts = [field]
    if rest := b"".join(parts):
        yield rest


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it started, which would keep the pipe open; nothing where it has ended."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _command(arguments: tuple[str, ...]) -> str:
    """The first argument that is no setting."""
    settings = 2 * arguments.count("-c")
    return arguments[settings] if len(arguments) > settings else arguments[0]


def _why(complaint: str, command: str) -> str:
    if "dubious ownership" in complaint:
        return (
            "Git does not trust this repository, since it belongs to another user, so commits cannot be searched. "
            "Remedy: `git config --global --add safe.directory` with the repository's folder."
        )
    return f"git {command} failed: {' '.join(complaint.split())[:300] or 'it gave no reason'}"
