r"""Filters in the text of a query, such as `retry lang:go -path:vendor author:"Ann Lee"`.

    filter = ["-"] name ":" value {"," value}       value = word | '"' any text but a quote '"'

A filter begins at the start of the text or after white space. Everything else is the query, as
typed. A backslash escapes a filter: `\path:` is the text "path:". A minus excludes. Values of one
name are alternatives; filters of different names must all match.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from codekin.domain.search import LIST_FILTERS, Filters, SearchRequest
from codekin.errors import SettingsError
from codekin.searching.query.filter_values import checked, combined, day, earliest_day, latest_day, spelled

WRITTEN_AS = {
    "languages": ("lang", "language"), "extensions": ("ext",), "paths": ("path",), "kinds": ("kind",), "authors": ("author",),
    "after": ("after", "since"), "before": ("before", "until"), "symbols": ("symbol",), "at": ("at",),
}  # fmt: skip
"""The names of each filter in the text of a query, the usual one first."""
_EXAMPLES = {
    "languages": "go", "extensions": "py", "paths": "src/**", "kinds": "test,commit", "authors": "ann",
    "after": "2026-01", "before": "2026-01-31", "symbols": "class", "at": "main",
}  # fmt: skip
_NAMES = {written: name for name, names in WRITTEN_AS.items() for written in names}
_VALUE = r'"[^"\n]*"|[^\s",]+'
_FILTER = re.compile(
    rf"(?<!\S)(?P<escape>\\?)(?P<minus>-?)(?P<name>{'|'.join(_NAMES)}):(?P<values>(?:(?:{_VALUE})?,?)*)(?P<rest>\S*)[ \t]*",
    re.IGNORECASE,
)
_ONE_VALUE = re.compile(_VALUE)


def with_inline_filters(request: SearchRequest) -> SearchRequest:
    """Return the request with the filters in its text moved to its own filters.

    Raises SettingsError for an invalid filter.
    """
    text, inline = split_filters(request.query)
    return replace(request, query=text, filters=combined(checked(request.filters), inline))


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
    lists: dict[str, Any] = {name: tuple(values) for name, values in found.items() if name in LIST_FILTERS}
    at = found.get("at", ("",))
    if len(set(at)) > 1:
        raise SettingsError(f'Filter "at:" takes one branch, tag or commit, not {" and ".join(at)}. To fix: keep one.')
    after, before = latest_day(found.get("after", ())), earliest_day(found.get("before", ()))
    return (rest.strip() if found else rest), Filters(**lists, after=after, before=before, at=at[0])


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
        return name, [day(name, values[0], f"{given}:")]
    if name == "at" and (match["minus"] or len(values) > 1):
        raise SettingsError(f'Filter "{given}:" takes one branch, tag or commit and no minus, as in {example}.')
    minus = "!" if match["minus"] else ""
    return name, [minus + spelled(name, value, f"{WRITTEN_AS[name][0]}:") for value in values]
