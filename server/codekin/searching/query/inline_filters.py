r"""Filters in the text of a query, such as `retry lang:go -path:vendor author:"Ann Lee"`.

    filter = ["-"] name ":" value {"," value}       value = word | '"' any text but a quote '"'

A filter begins at the start of the text or after white space. Everything else is the query, as
typed. A backslash escapes a filter: `\path:` is the text "path:". A minus excludes. Values of one
name are alternatives; filters of different names must all match.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import replace

from codekin.domain.search import Filters, SearchRequest
from codekin.domain.values import NodeKind
from codekin.errors import SettingsError

_NAMES = {
    "lang": "languages", "language": "languages", "ext": "extensions", "path": "paths",
    "author": "authors", "kind": "kinds", "symbol": "symbols", "after": "after", "since": "after",
    "before": "before", "until": "before", "at": "at",
}  # fmt: skip
_EXAMPLES = {
    "languages": "go", "extensions": "py", "paths": "src/**", "authors": "ann", "kinds": "test,commit", "symbols": "class",
    "after": "2026-01", "before": "2026-01-31",
    "at": "main",
}  # fmt: skip
_KINDS = {"pr": "pull_request", "pull": "pull_request", "folder": "directory", "dir": "directory", "tests": "test"}
_LANGUAGES = {
    "py": "python", "js": "javascript", "ts": "typescript", "golang": "go", "rs": "rust", "rb": "ruby", "c++": "cpp", "c#": "csharp",
    "cs": "csharp", "kt": "kotlin", "sh": "bash", "shell": "bash", "md": "markdown", "ex": "elixir", "yml": "yaml", "hs": "haskell",
}  # fmt: skip
_VALUE = r'"[^"\n]*"|[^\s",]+'
_FILTER = re.compile(
    rf"(?<!\S)(?P<escape>\\?)(?P<minus>-?)(?P<name>{'|'.join(_NAMES)}):(?P<values>(?:(?:{_VALUE})?,?)*)(?P<rest>\S*)[ \t]*",
    re.IGNORECASE,
)
_ONE_VALUE = re.compile(_VALUE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def with_inline_filters(request: SearchRequest) -> SearchRequest:
    """Return the request with the filters in its text moved to its own. Raises SettingsError."""
    text, inline = split_filters(request.query)
    return replace(request, query=text, filters=combined(request.filters, inline))


def revision_asked(request: SearchRequest) -> str:
    """Return the branch, tag or commit that a request names, or "" for the files on disk.

    Also "" if the filters are invalid: the search itself reports the error.
    """
    try:
        return with_inline_filters(request).filters.at
    except SettingsError:
        return ""


def split_filters(text: str) -> tuple[str, Filters]:
    """Return (the query without its filters, the filters).

    Raises SettingsError, which names the filter and the values that it accepts.
    """
    found: dict[str, list[str]] = {}

    def take(match: re.Match[str]) -> str:
        if match["escape"]:
            return match.group()[1:]
        name, values = _read(match)
        found.setdefault(name, []).extend(values)
        return ""

    rest = _FILTER.sub(take, text)
    lists = {name: tuple(values) for name, values in found.items() if name not in ("after", "before", "at")}
    at = found.get("at", ("",))
    if len(set(at)) > 1:
        raise SettingsError(f'Filter "at:" takes one branch, tag or commit, not {" and ".join(at)}. To fix: keep one.')
    after, before = max(found.get("after", ()), default=""), min(found.get("before", ()), default="")
    return (rest.strip() if found else rest), Filters(**lists, after=after, before=before, at=at[0])


def combined(one: Filters, other: Filters) -> Filters:
    """Merge two sets of filters: alternatives are added, the narrower date range applies."""
    return Filters(
        languages=one.languages + other.languages,
        extensions=one.extensions + other.extensions,
        paths=one.paths + other.paths,
        kinds=one.kinds + other.kinds,
        authors=one.authors + other.authors,
        after=max(one.after, other.after),
        before=min(filter(None, (one.before, other.before)), default=""),
        symbols=one.symbols + other.symbols,
        at=other.at or one.at,
    )


def _read(match: re.Match[str]) -> tuple[str, list[str]]:
    given, name = match["name"], _NAMES[match["name"].lower()]
    values = [value.strip('"') for value in _ONE_VALUE.findall(match["values"])]
    example = f"{given}:{_EXAMPLES[name]}"
    if match["rest"]:
        raise SettingsError(
            f'Filter "{match.group().strip()}" has an unclosed quote, or text directly after a quote. '
            f'To fix: quote the whole value, as in {given}:"a b".'
        )
    if not values or not all(values):
        raise SettingsError(
            f'Filter "{given}:" needs a value directly after the colon, as in {example}. '
            f"To search for the text itself, write \\{given}:."
        )
    if name in ("after", "before"):
        if match["minus"] or len(values) > 1:
            raise SettingsError(f'Filter "{given}:" takes one date and no minus, as in {example}.')
        return name, [_day(given, name, values[0])]
    if name == "at" and (match["minus"] or len(values) > 1):
        raise SettingsError(f'Filter "{given}:" takes one branch, tag or commit and no minus, as in {example}.')
    minus = "!" if match["minus"] else ""
    return name, [minus + _canonical(name, value) for value in values]


def _canonical(name: str, value: str) -> str:
    if name == "kinds":
        kind = _KINDS.get(value.lower(), value.lower())
        if kind not in {item.value for item in NodeKind}:
            known = ", ".join(item.value for item in NodeKind)
            raise SettingsError(f'Filter "kind:" must be one of {known}, not "{value}".')
        return kind
    return _LANGUAGES.get(value.lower(), value.lower()) if name == "languages" else value


def _day(given: str, name: str, text: str) -> str:
    """Return the ISO date, completing a year or a month to its first or last day."""
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = (int(part) if part else 0 for part in found.groups())
        if name == "after":
            date = datetime.date(year, month or 1, day or 1)
        else:
            last = day or calendar.monthrange(year, month or 12)[1]
            date = datetime.date(year, month or 12, last)
    except ValueError as error:
        raise SettingsError(
            f'Filter "{given}:" must be a date such as 2026, 2026-01 or 2026-01-31, not "{text}".'
        ) from error
    return date.isoformat()
