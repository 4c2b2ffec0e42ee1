"""Whether a path belongs to the index, and if not, which rule in which file says so."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from codekin.watching.defaults import DEFAULT_EXCLUDES, SECRETS
from codekin.watching.git_files import excludes_file, info_exclude

_BELOW = "ps_d"
"""pathspec's name for the slash behind a matched folder."""
NO_TEXT = "name is not valid text (UTF-8)"
IGNORE_FILES = (".codekinignore", ".gitignore")
"""The own file is asked first, so it can take back what git ignores."""


class _Patterns:
    """The rules of one ignore file, relative to the folder it stands in."""

    def __init__(self, source: str, lines: Sequence[str]) -> None:
        self._source = source
        self._rules = [rule for line in reversed(lines) for rule in _rule(line)]

    def verdict(self, path: str, *, is_dir: bool) -> tuple[bool, str] | None:
        """(ignored, rule in words) by the last pattern that matches the path itself, None if none does. pathspec also lets
        a pattern match what lies below a folder it matches; here folders are judged on their own, as git does.
        """
        candidate = f"{path}/" if is_dir else path
        for ignored, regex, line in self._rules:
            if any(_is_itself(match, candidate) for match in regex.finditer(candidate)):
                return ignored, f"{self._source}: {line}"
        return None


def _rule(line: str) -> list[tuple[bool, re.Pattern[str], str]]:
    """(ignored, regex, line), or nothing for a comment, a blank line, or one that is no pattern: git passes over it."""
    try:
        patterns = list(GitIgnoreSpec.from_lines([line]).patterns)
    except (ValueError, re.error):
        return []
    return [
        (bool(item.include), item.regex, line.strip()) for item in patterns if item.include is not None and item.regex
    ]


def _is_itself(match: re.Match[str], candidate: str) -> bool:
    """Whether a pattern matched the whole path, not a folder above it; "x/**" means what is in x, and not x."""
    if _BELOW in match.re.groupindex:
        return match.group(_BELOW) is None or match.end(_BELOW) == len(candidate)
    return match.end() < len(candidate) or not candidate.endswith("/")


class Rules:
    """Safe to call from several threads. Ignore files are read once; `invalidate` has them read again."""

    def __init__(
        self, root: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = (), max_file_bytes: int = 1_000_000
    ) -> None:
        self.root = root
        self.max_file_bytes = max_file_bytes
        self._include = _Patterns("setting include", include)
        self._include_globs = [glob.strip("/") for glob in include]
        self._exclude = _Patterns("setting exclude", exclude)
        self._secrets = _Patterns("secrets by name", SECRETS)
        self._defaults = _Patterns("default excludes", DEFAULT_EXCLUDES)
        self.invalidate()

    def invalidate(self) -> None:
        """Forgets what was read of ignore files."""
        self._files: dict[tuple[str, str], _Patterns | None] = {}
        self._folders: dict[str, str | None] = {"": None}
        self._repository = [
            _Patterns(name, lines) for name, lines in (info_exclude(self.root), excludes_file()) if lines
        ]

    def verdict(self, path: str, *, is_dir: bool) -> str | None:
        """None: the path belongs to the index. Otherwise why not, naming the rule and where it stands. `path` is relative
        to the root, with "/"; a folder's verdict holds for all below it.
        """
        if not is_text(path):
            return NO_TEXT
        parent, _, name = path.rpartition("/")
        above = self._folder(parent)
        if above is not None:
            return above
        if is_dir:
            return self._folder(path)
        secret = self._secrets.verdict(name.lower(), is_dir=False)
        if secret and secret[0]:
            return f"may hold secrets ({secret[1].removeprefix('secrets by name: ')})"
        return self._judge(path, is_dir=False)

    def _folder(self, path: str) -> str | None:
        if path not in self._folders:
            above = self._folder(path.rpartition("/")[0])
            verdict = above if above is not None else self._judge(path, is_dir=True)
            self._folders[path] = None if verdict and self._may_hold_included(path) else verdict
        return self._folders[path]

    def _judge(self, path: str, *, is_dir: bool) -> str | None:
        for patterns, below in self._applicable(path):
            found = patterns.verdict(below, is_dir=is_dir)
            if found is not None:
                return f"ignored by {found[1]}" if found[0] and patterns is not self._include else None
        return None

    def _applicable(self, path: str) -> Iterator[tuple[_Patterns, str]]:
        """Patterns that may speak about a path, the strongest first, each with the path as it sees it."""
        yield self._include, path
        yield from self._nested(path, IGNORE_FILES[0])
        yield self._exclude, path
        yield from self._nested(path, IGNORE_FILES[1])
        for patterns in self._repository:
            yield patterns, path
        yield self._defaults, path

    def _nested(self, path: str, name: str) -> Iterator[tuple[_Patterns, str]]:
        folder = path.rpartition("/")[0]
        while True:
            patterns = self._read(folder, name)
            if patterns:
                yield patterns, path[len(folder) + 1 :] if folder else path
            if not folder:
                return
            folder = folder.rpartition("/")[0]

    def _read(self, folder: str, name: str) -> _Patterns | None:
        if (folder, name) not in self._files:
            file = self.root / folder / name
            lines = _lines(file)
            source = f"{folder}/{name}" if folder else name
            self._files[folder, name] = _Patterns(source, lines) if lines else None
        return self._files[folder, name]

    def _may_hold_included(self, folder: str) -> bool:
        """Whether the setting `include` names something below an excluded folder, so that it must be entered."""
        return any(glob.startswith(f"{folder}/") for glob in self._include_globs)


def is_text(path: str) -> bool:
    """False for a name of other bytes than UTF-8, which Python holds as lone surrogates: no store and no editor takes it."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_text(path: str) -> str:
    r"""The path itself, or, for one that is no text, one to show and to store, its odd bytes as \xff."""
    return path if is_text(path) else os.fsencode(path).decode("utf-8", "backslashreplace")


def _lines(file: Path) -> list[str]:
    try:
        if not file.is_file() or (file.is_symlink() and not os.access(file, os.R_OK)):
            return []
        return file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return []
