"""Git on the objects and references of one repository.

The work tree is not read, and every call has limits.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from codekin.errors import GitError, HistoryError
from codekin.git import GitDirectory, Stop, check_files, find_git_directory, run_git, stream_git

DEADLINE_S = 120.0
INTERACTIVE_DEADLINE_S = 20.0
"""Time limit of calls that a user waits for."""
_OPENING_S = 5.0
_MAX_BYTES = 1 << 32
_MAX_TEXT_BYTES = 1 << 28
_MAX_FIELD_BYTES = 1 << 24
"""Maximum size of a field, such as a patch or a message; longer ones are cut off."""


class Git:
    """One repository, seen from one of its folders.

    `prefix` is the path from the top of the work tree to that folder: "" or "a/b/". Blocking; any
    thread may call.
    """

    def __init__(self, directory: GitDirectory, prefix: str, *, deadline_s: float, stop: Stop | None = None) -> None:
        self.directory = directory
        self.prefix = prefix
        self._deadline_s = deadline_s
        self._stop = stop

    @property
    def is_bare(self) -> bool:
        """Whether the repository has no work tree."""
        return self.directory.top is None

    @property
    def scope(self) -> tuple[str, ...]:
        """The arguments that limit a log to the folder; empty for the whole work tree."""
        return ("--", self.prefix) if self.prefix else ()

    @property
    def relative(self) -> str:
        """The option that limits a diff to the folder and makes paths relative to it."""
        return f"--relative={self.prefix}" if self.prefix else "--no-relative"

    def text(self, *arguments: str) -> str:
        """Return all output, without the line end. Raises HistoryError."""
        return self.data(*arguments).decode("utf-8", "surrogateescape").rstrip("\n")

    def data(self, *arguments: str, given: bytes = b"", limit_bytes: int = _MAX_TEXT_BYTES) -> bytes:
        """Return all output as bytes. Raises HistoryError, also for more than `limit_bytes`."""
        try:
            return run_git(
                self.directory,
                *arguments,
                limit_s=self._deadline_s,
                limit_bytes=limit_bytes,
                stdin=given,
                stop=self._stop,
            )
        except GitError as error:
            raise HistoryError(str(error)) from error

    def beginning(self, *arguments: str, limit_bytes: int) -> bytes:
        """Return the first bytes of the output; git is ended after them. Raises HistoryError."""
        with closing(self._blocks(arguments, b"")) as blocks:
            parts, size = [], 0
            for block in blocks:
                parts.append(block)
                size += len(block)
                if size >= limit_bytes:
                    break
        return b"".join(parts)[:limit_bytes]

    def fields(self, *arguments: str, given: bytes = b"") -> Generator[bytes, None, None]:
        """Yield the output as it arrives, split at NUL bytes.

        `given` is its standard input. Raises HistoryError.
        """
        with closing(self._blocks(arguments, given)) as blocks:
            yield from _split(blocks)

    def _blocks(self, arguments: tuple[str, ...], given: bytes) -> Generator[bytes, None, None]:
        try:
            yield from stream_git(
                self.directory,
                *arguments,
                limit_s=self._deadline_s,
                limit_bytes=_MAX_BYTES,
                stdin=given,
                stop=self._stop,
            )
        except GitError as error:
            raise HistoryError(str(error)) from error


def open_git(folder: Path, *, deadline_s: float = DEADLINE_S, stop: Stop | None = None) -> Git | None:
    """Return git for the repository that the folder belongs to, or None outside one.

    Raises HistoryError if git refuses the repository, if its `.git` is invalid, or if git would
    block on one of its files.
    """
    try:
        found = find_git_directory(folder)
        if found is None:
            return None
        check_files(found)
        # Git decides, also whether the user trusts the owner of the repository.
        arguments = ("--is-inside-work-tree", "--absolute-git-dir", "--show-prefix")
        output = run_git(folder, "rev-parse", *arguments, limit_s=_OPENING_S, limit_bytes=_MAX_FIELD_BYTES, stop=stop)
        inside, directory, prefix = output.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n", 2)
        if not found.directory.samefile(directory):
            found = GitDirectory.at(Path(directory), found.top)
            check_files(found)
    except GitError as error:
        raise HistoryError(str(error)) from error
    is_bare = inside != "true"
    if is_bare and found.top is not None:
        return None  # inside the folder `.git`
    return Git(found, "" if is_bare else prefix, deadline_s=deadline_s, stop=stop)


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []  # the parts of a field that spans blocks
    size = 0
    for block in blocks:
        first, *more = block.split(b"\0")
        if size < _MAX_FIELD_BYTES:
            parts.append(first)
            size += len(first)
        for field in more:
            yield b"".join(parts)
            parts, size = [field], len(field)
    if rest := b"".join(parts):
        yield rest
