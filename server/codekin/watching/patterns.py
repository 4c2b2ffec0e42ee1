"""The patterns of one ignore file, and a sieve that spares most paths the regular expressions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

_BELOW = "ps_d"
"""pathspec's name for the slash behind a matched folder."""
_SPECIAL = re.compile(r"[*?\[\\]")


@dataclass(frozen=True, slots=True)
class _Rule:
    ignored: bool
    regex: re.Pattern[str]
    line: str


class Patterns:
    """The rules of one ignore file, relative to the folder it stands in."""

    def __init__(self, source: str, lines: Sequence[str]) -> None:
        self._source = source
        self._rules = [rule for line in reversed(lines) for rule in _rules(line)]
        self._for_folders = _sieve(self._rules)
        # A pattern that ends in a slash speaks of folders alone.
        self._for_files = _sieve([rule for rule in self._rules if not rule.line.endswith("/")])

    def __bool__(self) -> bool:
        return bool(self._rules)

    def verdict(self, path: str, *, is_dir: bool) -> tuple[bool, str] | None:
        """(ignored, rule in words) by the last pattern that matches the path itself, None if none does. pathspec also lets
        a pattern match what lies below a folder it matches; here folders are judged on their own, as git does.
        """
        sieve, candidate = (self._for_folders, f"{path}/") if is_dir else (self._for_files, path)
        if not sieve.may_match(path, candidate):
            return None
        for rule in self._rules:
            if any(_is_itself(match, candidate) for match in rule.regex.finditer(candidate)):
                return rule.ignored, f"{self._source}: {rule.line}"
        return None


@dataclass(frozen=True, slots=True)
class _Sieve:
    """Lets through at least every path that a pattern matches. Plain names, endings and beginnings, which are what most
    patterns are, cost one look-up for all of them; the rest are one joined expression.
    """

    names: frozenset[str]
    paths: frozenset[str]
    beginnings: tuple[str, ...]
    endings: tuple[str, ...]
    regex: re.Pattern[str] | None
    always: bool

    def may_match(self, path: str, candidate: str) -> bool:
        """`candidate` is the path as the expressions want it: a folder ends in a slash."""
        name = path[path.rfind("/") + 1 :]
        return (
            self.always
            or name in self.names
            or path in self.paths
            or name.startswith(self.beginnings)
            or name.endswith(self.endings)
            or (self.regex is not None and self.regex.match(candidate) is not None)
        )


def _sieve(rules: Sequence[_Rule]) -> _Sieve:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for rule in rules:
        kind, text = _kind(rule)
        kinds[kind].append(text)
    return _Sieve(
        frozenset(kinds["name"]),
        frozenset(kinds["path"]),
        tuple(kinds["beginning"]),
        tuple(kinds["ending"]),
        re.compile("|".join(f"(?:{text})" for text in kinds["regex"])) if kinds["regex"] else None,
        bool(kinds["always"]),
    )


def _kind(rule: _Rule) -> tuple[str, str]:
    """(kind, text): what has to be looked for so that nothing the rule matches is missed."""
    whole = rule.line.removeprefix("!").removesuffix("/")
    body = whole.removeprefix("**/")
    special = _SPECIAL.search(body)
    if not body or "\\" in body or "//" in body:
        return "always", ""
    if "/" not in body and not special:
        return "name", body
    if "/" not in body and body[0] == "*" and not _SPECIAL.search(body, 1):
        return "ending", body[1:]
    if "/" not in body and special and special.start():
        return "beginning", body[: special.start()]
    if body == whole and not special:
        return "path", body.removeprefix("/")
    expression = rule.regex.pattern
    return ("regex", expression.replace(f"(?P<{_BELOW}>", "(?:")) if expression.startswith("^") else ("always", "")


def _rules(line: str) -> list[_Rule]:
    """One rule, or none for a comment, a blank line, or one that is no pattern: git passes over it."""
    try:
        patterns = list(GitIgnoreSpec.from_lines([line]).patterns)
    except (ValueError, re.error):
        return []
    return [
        _Rule(bool(item.include), item.regex, line.rstrip())
        for item in patterns
        if item.include is not None and item.regex
    ]


def _is_itself(match: re.Match[str], candidate: str) -> bool:
    """Whether a pattern matched the whole path, not a folder above it; "x/**" means what is in x, and not x."""
    if _BELOW in match.re.groupindex:
        return match.group(_BELOW) is None or match.end(_BELOW) == len(candidate)
    return match.end() < len(candidate) or not candidate.endswith("/")
