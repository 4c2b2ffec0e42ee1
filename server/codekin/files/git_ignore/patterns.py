"""The patterns of one ignore file, with git's semantics: the last match decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from codekin.files.git_ignore.wildmatch import expression, lower, octets, shown

MAX_FILE_BYTES = 1_000_000
"""Maximum size of one ignore file; git itself reads up to 100 MB."""
_MAX_LINE_BYTES = 4_096
"""Maximum length of a line, the same as that of a path."""
_MAX_WILDCARD_BYTES = 16_384
"""Maximum size of all wildcard patterns in a file.

Each of them is tested with every path; plain names and endings are looked up.
"""
_SIEVE_FROM = 4
_MAX_KNOWN_NAMES = 10_000
_MAX_JOINED_ENDINGS = 100
_ANYWHERE = "**/"
_WILDCARD = re.compile(r"[*?\[\\]")


class _Kind(Enum):
    NAME = "a name without wildcards"
    ENDING = "a star, and the end of a name"
    NAME_WILDCARD = "any other pattern for a name"
    PATH = "a path without wildcards"
    PATH_END = "two stars, and the end of a path"
    PATH_WILDCARD = "a path with wildcards"


@dataclass(frozen=True, slots=True)
class Match:
    """The effect of the deciding pattern; `rule` names it with its file and line, for the user."""

    ignored: bool
    rule: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One pattern.

    `text` is what is compared, in octets; `source` is the regular expression of a kind with
    wildcards.
    """

    line: int
    written: str
    ignored: bool
    for_folders: bool
    kind: _Kind
    text: str
    source: str


class Patterns:
    """The rules of one ignore file.

    Paths are octets relative to the folder of the file, with "/". Lines are octets as well. `fold`
    is git's core.ignoreCase. `problems` are messages for the user about lines that are not applied.
    """

    def __init__(self, source: str, lines: Iterable[str], *, fold: bool = False, is_file: bool = True) -> None:
        self._source = source
        self._fold = fold
        self.problems: list[str] = []
        self._patterns = self._parsed((number if is_file else 0, line) for number, line in enumerate(lines, 1))
        self._files: _Table | None = None
        self._folders: _Table | None = None

    @classmethod
    def read(cls, source: str, data: bytes, *, fold: bool = False) -> Patterns:
        """Return the patterns of a file, given its bytes.

        Only a line feed ends a line, with or without a carriage return.
        """
        text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
        lines = (line.removesuffix("\r").partition("\0")[0] for line in text.split("\n"))
        return cls(source, lines, fold=fold)

    @classmethod
    def of(cls, source: str, globs: Iterable[str], *, fold: bool = False) -> Patterns:
        """Return patterns that are in no file, each parsed like one line of an ignore file."""
        return cls(source, map(octets, globs), fold=fold, is_file=False)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def verdict(self, path: str, *, is_dir: bool) -> Match | None:
        """Return the effect of the last pattern that matches the path itself, or None.

        The folders above it are not considered.
        """
        table = self._folders if is_dir else self._files
        if table is None:
            table = self._table(is_dir=is_dir)
        found = table.last(lower(path) if self._fold else path)
        if found < 0:
            return None
        pattern = self._patterns[found]
        where = f"{self._source}:{pattern.line}" if pattern.line else self._source
        return Match(pattern.ignored, f"{where}: {pattern.written}")

    def covers(self, path: str) -> bool:
        """Return whether the path or a folder above it is matched, by the last matching pattern."""
        end = path.find("/")
        while end > 0:
            found = self.verdict(path[:end], is_dir=True)
            if found is not None and found.ignored:
                return True
            end = path.find("/", end + 1)
        found = self.verdict(path, is_dir=False)
        return found is not None and found.ignored

    def covers_each(self, paths: Iterable[str]) -> Iterator[bool]:
        """Yield `covers` of each path; each folder is compared once."""
        known = {"": False}
        for path in paths:
            if self._covers_folder(path.rpartition("/")[0], known):
                yield True
            else:
                found = self.verdict(path, is_dir=False)
                yield found is not None and found.ignored

    def _covers_folder(self, folder: str, known: dict[str, bool]) -> bool:
        covered = known.get(folder)
        if covered is None:
            found = self.verdict(folder, is_dir=True)
            is_covered = found is not None and found.ignored
            covered = known[folder] = is_covered or self._covers_folder(folder.rpartition("/")[0], known)
        return covered

    def may_match_below(self, folder: str) -> bool:
        """Return whether a path pattern begins with this folder, so that it may match files below.

        A pattern that begins with two stars may match in any folder, which is not a reason to enter
        each of them.
        """
        names = folder.split("/")
        return any(
            pattern.ignored and _leads_into(pattern.text.split("/"), names)
            for pattern in self._patterns
            if pattern.kind in (_Kind.PATH, _Kind.PATH_WILDCARD)
        )

    def _table(self, *, is_dir: bool) -> _Table:
        table = _Table(self._patterns, is_dir=is_dir)
        if is_dir:
            self._folders = table
        else:
            self._files = table
        return table

    def _parsed(self, lines: Iterable[tuple[int, str]]) -> list[_Pattern]:
        found: list[_Pattern] = []
        remaining_bytes = _MAX_WILDCARD_BYTES
        for number, line in lines:
            if not line or line[0] == "#":
                continue
            if len(line) > _MAX_LINE_BYTES:
                self._unused(number, f"it is longer than {_MAX_LINE_BYTES} bytes")
                continue
            pattern = _pattern(number, _trimmed(line), fold=self._fold)
            if pattern is None:
                if not number and _trimmed(line):
                    self._never_matches(line)
                continue
            remaining_bytes -= len(pattern.source) and len(line)
            if pattern.source and remaining_bytes < 0:
                self._unused(number, f"the wildcard patterns before it take {_MAX_WILDCARD_BYTES} bytes")
                continue
            found.append(pattern)
        return found

    def _never_matches(self, glob: str) -> None:
        """Report a glob that git would ignore; in a file, git does not report it either."""
        self.problems.append(
            f'"{shown(glob)}" in the {self._source} matches nothing, because it is not a valid glob. '
            "To fix: close its brackets, or write a backslash before a bracket that is part of a name."
        )

    def _unused(self, line: int, why: str) -> None:
        if not self.problems:  # one problem is enough to find the file
            self.problems.append(
                f"Line {line} of {self._source} is not applied: {why}. To fix: shorten the ignore file."
            )


class _Table:
    """Finds the last matching pattern, for files or for folders.

    Names, endings and paths without wildcards are looked up, whatever their number. For the others,
    a joined expression says whether any can match. The result for a name alone is cached, because
    most names occur in several folders.
    """

    def __init__(self, patterns: Sequence[_Pattern], *, is_dir: bool) -> None:
        self._names: dict[str, int] = {}
        self._paths: dict[str, int] = {}
        endings: dict[int, dict[str, int]] = {}
        self._path_ends: dict[str, list[tuple[int, str]]] = {}
        names: list[tuple[int, _Pattern]] = []
        paths: list[tuple[int, _Pattern]] = []
        for index, pattern in enumerate(patterns):
            if pattern.for_folders and not is_dir:
                continue
            if pattern.kind is _Kind.NAME:
                self._names[pattern.text] = index
            elif pattern.kind is _Kind.PATH:
                self._paths[pattern.text] = index
            elif pattern.kind is _Kind.PATH_END:
                self._path_ends.setdefault(pattern.text.rpartition("/")[2], []).append((index, pattern.text))
            elif pattern.kind is _Kind.ENDING:
                endings.setdefault(len(pattern.text), {})[pattern.text] = index
            else:
                (names if pattern.kind is _Kind.NAME_WILDCARD else paths).append((index, pattern))
        self._every = endings.pop(0, {}).get("", -1)
        self._endings = tuple(endings.items())
        suffixes = [ending for table in endings.values() for ending in table]
        # One call for all of them is faster than a lookup for each length, up to this number.
        self._any_ending = tuple(suffixes) if len(suffixes) <= _MAX_JOINED_ENDINGS else ("",)
        self._name_wildcards, self._path_wildcards = _Wildcards(names), _Wildcards(paths)
        self._by_names_alone = not (self._paths or self._path_ends or paths)
        self._known: dict[str, int] = {}

    def last(self, path: str) -> int:
        """Return the index of the deciding pattern, or -1 if none matches."""
        name = path[path.rfind("/") + 1 :]
        best = self._known.get(name)
        if best is None:
            best = self._by_name(name)
        if self._by_names_alone:
            return best
        found = self._paths.get(path, -1)
        best = max(best, found)
        if self._path_ends:
            for index, end in self._path_ends.get(name, ()):
                if index > best and (path == end or path.endswith(f"/{end}")):
                    best = index
        return self._path_wildcards.last(path, best)

    def _by_name(self, name: str) -> int:
        best = max(self._names.get(name, -1), self._every)
        if name.endswith(self._any_ending):
            for length, table in self._endings:
                best = max(best, table.get(name[-length:], -1))
        best = self._name_wildcards.last(name, best)
        if len(self._known) >= _MAX_KNOWN_NAMES:
            self._known.clear()
        self._known[name] = best
        return best


class _Wildcards:
    """Patterns with wildcards, all for names or all for paths."""

    def __init__(self, patterns: Sequence[tuple[int, _Pattern]]) -> None:
        self._patterns = tuple(reversed(patterns))
        self._compiled: dict[int, re.Pattern[str]] = {}
        self._sieve: re.Pattern[str] | None = None

    def last(self, text: str, best: int) -> int:
        """Return the index of the last match, or `best` if that is later."""
        if not self._patterns:
            return best
        if len(self._patterns) >= _SIEVE_FROM:
            sieve = self._sieve or self._joined()
            if not sieve.match(text):
                return best
        for index, pattern in self._patterns:
            if index < best:
                return best
            regex = self._compiled.get(index)
            if regex is None:
                regex = self._compiled[index] = re.compile(pattern.source, re.DOTALL)
            if regex.match(text):
                return index
        return best

    def _joined(self) -> re.Pattern[str]:
        self._sieve = re.compile("|".join(f"(?:{pattern.source})" for _, pattern in self._patterns), re.DOTALL)
        return self._sieve


def _leads_into(components: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether the first components match the names of a folder and more follow."""
    for index, name in enumerate(names):
        if components[index] == "**":
            return index > 0
        if index + 1 == len(components):
            return False
        source = expression(components[index], is_path=True, fold=False)
        if source is None or not re.match(source, name, re.DOTALL):
            return False
    return True


def _trimmed(line: str) -> str:
    """Return a line without trailing spaces, except an escaped one."""
    bare = line.rstrip(" ")
    kept = len(bare) - len(bare.rstrip("\\"))
    return line[: len(bare) + 1] if kept % 2 and len(bare) < len(line) else bare


def _pattern(number: int, line: str, *, fold: bool) -> _Pattern | None:
    """Parse a line like git's parse_path_pattern; return None if it matches nothing."""
    body = line.removeprefix("!")
    for_folders = body.endswith("/")
    body = body.removesuffix("/")
    rooted = body.removeprefix("/")
    if not rooted:
        return None
    special = _WILDCARD.search(rooted)
    source, text = "", lower(rooted) if fold else rooted
    end = rooted.removeprefix(_ANYWHERE)
    if end and end != rooted and not _WILDCARD.search(end):
        kind, text = _Kind.PATH_END, text.removeprefix(_ANYWHERE)
    elif "/" in body:
        kind = _Kind.PATH_WILDCARD if special else _Kind.PATH
        if special:
            source = _path_expression(rooted, special.start(), fold=fold)
    elif special is None:
        kind = _Kind.NAME
    elif rooted[0] == "*" and not _WILDCARD.search(rooted, 1):
        kind, text = _Kind.ENDING, text[1:]
    else:
        kind = _Kind.NAME_WILDCARD
        source = expression(rooted, is_path=False, fold=fold) or ""
    if kind in (_Kind.NAME_WILDCARD, _Kind.PATH_WILDCARD) and not source:
        return None
    return _Pattern(number, shown(line), not line.startswith("!"), for_folders, kind, text, source)


def _path_expression(pattern: str, plain: int, *, fold: bool) -> str:
    """Return the expression of a path pattern, or "" for one that matches nothing.

    Git compares the part before the first wildcard separately, so two stars right after it count as
    a component: `a**/b` matches ab and a/x/b.
    """
    beginning = lower(pattern[:plain]) if fold else pattern[:plain]
    source = expression(pattern[plain:], is_path=True, fold=fold)
    return "" if source is None else re.escape(beginning) + source
