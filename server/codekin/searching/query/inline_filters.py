r"""Filters in the text of a query, such as `retry lang:go -path:vendor author:"Ann Lee"`.

    filter = ["-"] name ":" value {"," value}       value = word | '"' any text but a quote '"'

A filter begins at the start of the text or after white space, has its value directly after the
colon, and is in a query of one line. A minus excludes. Values of one name are alternatives; filters
of different names must all match. A backslash escapes a filter: `\path:` is the text "path:".

A query is never refused: text that only looks like a filter, as in a pasted error, is searched as
text, and the answer says so. Regular expressions and literals have no filters.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from codekin.chunking import LANGUAGES
from codekin.domain.search import LIST_FILTERS, Filters, ReadFilter, SearchRequest
from codekin.errors import SettingsError
from codekin.searching.query.filter_values import checked, combined, day, earliest_day, latest_day, spelled_all

WRITTEN_AS = {
    "languages": ("lang", "language"), "extensions": ("ext",), "paths": ("path",), "kinds": ("kind",), "authors": ("author",),
    "after": ("after", "since"), "before": ("before", "until"), "symbols": ("symbol",), "roles": ("role",), "at": ("at",),
}  # fmt: skip
"""The names of each filter in the text of a query, the usual one first."""
_EXAMPLES = {
    "languages": "go", "extensions": "py", "paths": "src/**", "kinds": "test,commit", "authors": "ann",
    "after": "2026-01", "before": "2026-01-31", "symbols": "class", "roles": "document", "at": "main",
}  # fmt: skip
_NAMES = {written: name for name, names in WRITTEN_AS.items() for written in names}
_VALUE = r'"[^"\n]*"|[^\s",]+'
_FILTER = re.compile(
    rf"(?<!\S)(?P<escape>\\?)(?P<minus>-?)(?P<name>{'|'.join(_NAMES)}):(?P<values>(?:(?:{_VALUE})?,?)*)(?P<rest>\S*)[ \t]*",
)
_ONE_VALUE = re.compile(_VALUE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as read: the text without filters, the filters, and notes on invalid ones."""

    text: str
    inline: tuple[ReadFilter, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def filters(self) -> Filters:
        """The filters in the text."""
        found: dict[str, list[str]] = {}
        for item in self.inline:
            found.setdefault(item.name, []).extend(item.values)
        lists: dict[str, Any] = {name: tuple(values) for name, values in found.items() if name in LIST_FILTERS}
        return Filters(
            **lists,
            after=latest_day(found.get("after", ())),
            before=earliest_day(found.get("before", ())),
            at=found.get("at", [""])[0],
        )

    def without(self, items: Iterable[ReadFilter], note: str) -> Reading:
        """Return a reading in which these filters are text, with a note that says why."""
        dropped = list(items)
        kept = tuple(item for item in self.inline if item not in dropped)
        text = " ".join(filter(None, (self.text, *(item.typed for item in dropped))))
        return Reading(text, kept, (*self.notes, note))

    def noted(self, note: str) -> Reading:
        """Return the same reading with one more note."""
        return replace(self, notes=(*self.notes, note))


def read_query(request: SearchRequest) -> Reading:
    """Return how the text of a request is read. Never raises."""
    if request.mode in ("regex", "literal") or "\n" in request.query or not request.inline_filters:
        return Reading(request.query)
    inline: list[ReadFilter] = []
    problems: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match["escape"]:
            return match.group()[1:]
        typed = match.group().strip()
        try:
            item = _read(match, typed)
            if item.name == "at" and any(other.name == "at" for other in inline):
                raise SettingsError(f'"{typed}" is a second branch, tag or commit.')
        except SettingsError as error:
            problems.append(str(error))
            return match.group()
        inline.append(item)
        return ""

    rest = _FILTER.sub(take, request.query)
    return Reading(
        rest.strip() if inline else rest,
        tuple(inline),
        tuple(f"{text} It was searched as text." for text in problems[:1]),
    )


def with_filters(request: SearchRequest, reading: Reading) -> SearchRequest:
    """Return the request with the filters of its text moved to its own, all of them checked.

    Its text is not read again. Raises SettingsError for the request's own filters.
    """
    filters = combined(checked(request.filters), reading.filters)
    return replace(request, query=reading.text, filters=filters, inline_filters=False)


def with_inline_filters(request: SearchRequest) -> SearchRequest:
    """Return the request as it is read. Raises SettingsError for the request's own filters."""
    return with_filters(request, read_query(request))


def _read(match: re.Match[str], typed: str) -> ReadFilter:
    """Return the filter. Raises SettingsError with a sentence that says what is wrong."""
    name = _NAMES[match["name"]]
    values = [value.strip('"') for value in _ONE_VALUE.findall(match["values"])]
    example = f"{match['name']}:{_EXAMPLES[name]}"
    if match["rest"]:
        raise SettingsError(f'"{typed}" is not a filter. Quote a value with spaces as a whole, as in author:"Ann Lee".')
    if not values or not all(values):
        raise SettingsError(
            f'"{match["name"]}:" is not a filter without a value directly after the colon, as in {example}.'
        )
    single = name in ("after", "before", "at")
    if single and (match["minus"] or len(values) > 1):
        raise SettingsError(f'"{typed}" is not a filter. It takes one value and no minus, as in {example}.')
    if name in ("after", "before"):
        return ReadFilter(typed, name, (day(name, values[0], f"{match['name']}:"),))
    minus = "!" if match["minus"] else ""
    spelled = spelled_all(name, [minus + value for value in values], f"{match['name']}:")
    for value in spelled:
        if name == "languages" and value.lstrip("!") not in LANGUAGES:
            raise SettingsError(_unknown(typed, value.lstrip("!"), LANGUAGES))
    return ReadFilter(typed, name, spelled)


def _unknown(typed: str, value: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value, list(known), 1)
    return f'"{typed}" is not a filter: {value} is unknown.{f" Did you mean {near[0]}?" if near else ""}'
