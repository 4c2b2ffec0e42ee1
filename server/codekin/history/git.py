"""Git on the objects and references of one repository: the work tree is not looked at, and every call has limits."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from codekin.errors import GitError, HistoryError
from codekin.git import GitDirectory, Stop, check_files, find_git_directory, run_git, stream_git

DEADLINE_S = 120.0
ASKED_DEADLINE_S = 20.0
"""For what somebody waits for."""
_OPENING_S = 5.0
_MAX_BYTES = 1 << 32
_MAX_TEXT_BYTES = 1 << 28
_MAX_FIELD_BYTES = 1 << 24
"""Of a longer field, a patch or a message, the rest is left out."""


class Git:
    """One repository, as seen from a folder of it. `prefix` leads from the top of the work tree to that folder: "" or
    "a/b/". `is_bare` is whether there is no work tree. Blocking; any thread may call.
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
        """The arguments that limit a log to the folder; none for the whole work tree."""
        return ("--", self.prefix) if self.prefix else ()

    @property
    def relative(self) -> str:
        """The option that limits a diff to the folder and names paths from there."""
        return f"--relative={self.prefix}" if self.prefix else "--no-relative"

    def text(self, *arguments: str) -> str:
        """All output, without the line end. Raises HistoryError."""
        return self.data(*arguments).decode("utf-8", "surrogateescape").rstrip("\n")

    def data(self, *arguments: str, given: bytes = b"", limit_bytes: int = _MAX_TEXT_BYTES) -> bytes:
        """All output as it is. Raises HistoryError, also where there is more than `limit_bytes`."""
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
        """The first bytes of the output; git is ended there. Raises HistoryError."""
        with closing(self._blocks(arguments, b"")) as blocks:
            parts, size = [], 0
            for block in blocks:
                parts.append(block)
                size += len(block)
                if size >= limit_bytes:
                    break
        return b"".join(parts)[:limit_bytes]

    def fields(self, *arguments: str, given: bytes = b"") -> Generator[bytes, None, None]:
        """Output as it comes, cut at NUL bytes. `given` is its standard input. Raises HistoryError."""
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
    """Of the repository that the folder belongs to; None outside one. Raises HistoryError where git refuses it, where its
    `.git` leads nowhere, or where git would wait for one of its files.
    """
    try:
        found = find_git_directory(folder)
        if found is None:
            return None
        check_files(found)
        # Git itself has the last word, also on whether the user trusts the owner of the repository.
        arguments = ("--is-inside-work-tree", "--absolute-git-dir", "--show-prefix")
        said = run_git(folder, "rev-parse", *arguments, limit_s=_OPENING_S, limit_bytes=_MAX_FIELD_BYTES, stop=stop)
        inside, directory, prefix = said.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n", 2)
        if not found.directory.samefile(directory):
            found = GitDirectory.at(Path(directory), found.top)
            check_files(found)
    except GitError as error:
        raise HistoryError(str(error)) from error
    is_bare = inside != "true"
    if is_bare and found.top is not None:
        return None  # within the folder `.git` itself
    return Git(found, "" if is_bare else prefix, deadline_s=deadline_s, stop=stop)


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []  # of a field that is longer than a block
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
