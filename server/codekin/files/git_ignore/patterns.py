"""The patterns of one ignore file, judged as git does: the last one that matches decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from codekin.files.git_ignore.wildmatch import expression, lower, octets, shown

MAX_FILE_BYTES = 1_000_000
"""Of one ignore file; git itself reads up to 100 MB."""
_MAX_LINE_BYTES = 4_096
"""As long as the longest path."""
_MAX_WILDCARD_BYTES = 16_384
"""Of all wildcard patterns in a file. Each of them costs time with every path; plain names and endings cost none."""
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
    """What the deciding pattern says; `rule` names it with its file and line, for people."""

    ignored: bool
    rule: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`text` is what is compared, in octets; `source` is the regular expression of a kind with wildcards."""

    line: int
    written: str
    ignored: bool
    for_folders: bool
    kind: _Kind
    text: str
    source: str


class Patterns:
    """The rules of one ignore file. Paths are octets relative to the folder that the file is in, with "/".

    Lines are octets as well. `fold` is git's core.ignoreCase. `problems` are the lines that are not used, in words for the user.
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
        """The patterns of a file, by the bytes in it. Only a line feed ends a line, with or without a carriage return."""
        text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
        lines = (line.removesuffix("\r").partition("\0")[0] for line in text.split("\n"))
        return cls(source, lines, fold=fold)

    @classmethod
    def of(cls, source: str, globs: Iterable[str], *, fold: bool = False) -> Patterns:
        """Patterns that are in no file, each as one line of an ignore file would be read."""
        return cls(source, map(octets, globs), fold=fold, is_file=False)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def verdict(self, path: str, *, is_dir: bool) -> Match | None:
        """What the last pattern that matches the path itself says, None if none does. What is above it is not looked at."""
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
        """Whether the path or a folder above it is matched, by the last pattern that matches either."""
        end = path.find("/")
        while end > 0:
            found = self.verdict(path[:end], is_dir=True)
            if found is not None and found.ignored:
                return True
            end = path.find("/", end + 1)
        found = self.verdict(path, is_dir=False)
        return found is not None and found.ignored

    def may_match_below(self, folder: str) -> bool:
        """Whether a path pattern begins with this folder, so that something in it may be meant. A pattern that begins with
        two stars means any folder, which is no reason to look into each.
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
        room = _MAX_WILDCARD_BYTES
        for number, line in lines:
            if not line or line[0] == "#":
                continue
            if len(line) > _MAX_LINE_BYTES:
                self._unused(number, f"it is longer than {_MAX_LINE_BYTES} bytes")
                continue
            pattern = _pattern(number, _trimmed(line), fold=self._fold)
            if pattern is None:
                continue
            room -= len(pattern.source) and len(line)
            if pattern.source and room < 0:
                self._unused(number, f"the wildcard patterns before it fill {_MAX_WILDCARD_BYTES} bytes")
                continue
            found.append(pattern)
        return found

    def _unused(self, line: int, why: str) -> None:
        if not self.problems:  # one is enough to look the file up
            self.problems.append(
                f"Line {line} of {self._source} is not applied: {why}. To fix: shorten the ignore file."
            )


class _Table:
    """Which of the patterns is the last to match, for files or for folders. Names, endings and paths without wildcards are
    looked up, however many there are; of the others, a joined expression says whether any can match. What a name alone comes to
    is kept, since few names are in one folder only.
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
        shapes = [ending for table in endings.values() for ending in table]
        # One call for all of them costs less than a look-up for each length, unless they are very many.
        self._any_ending = tuple(shapes) if len(shapes) <= _MAX_JOINED_ENDINGS else ("",)
        self._name_wildcards, self._path_wildcards = _Wildcards(names), _Wildcards(paths)
        self._by_names_alone = not (self._paths or self._path_ends or paths)
        self._known: dict[str, int] = {}

    def last(self, path: str) -> int:
        """The index of the deciding pattern, -1 if none matches."""
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
        """The last that matches, or `best` where that comes later."""
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
    """Whether the first components match the names of a folder, with more to come."""
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
    """Without the spaces at its end that no backslash keeps."""
    bare = line.rstrip(" ")
    kept = len(bare) - len(bare.rstrip("\\"))
    return line[: len(bare) + 1] if kept % 2 and len(bare) < len(line) else bare


def _pattern(number: int, line: str, *, fold: bool) -> _Pattern | None:
    """As git's parse_path_pattern; None for one that matches nothing."""
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
    """Git compares what comes before the first wildcard by itself, so two stars right behind it count as standing alone:
    `a**/b` matches ab and a/x/b. "" for a pattern that matches nothing.
    """
    beginning = lower(pattern[:plain]) if fold else pattern[:plain]
    source = expression(pattern[plain:], is_path=True, fold=fold)
    return "" if source is None else re.escape(beginning) + source
