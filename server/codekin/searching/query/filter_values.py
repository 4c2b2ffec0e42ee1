"""Validation of filter values, whether they come from query text, options or JSON."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codekin.domain.roles import Role
from codekin.domain.search import LIST_FILTERS, Filters
from codekin.domain.values import NodeKind
from codekin.errors import SettingsError

_KINDS = {"pr": "pull_request", "pull": "pull_request", "folder": "directory", "dir": "directory", "tests": "test"}
_ROLES = {
    "doc": "document", "docs": "document", "documentation": "document", "tests": "test", "config": "configuration",
    "ci": "build", "changelog": "change_log", "changes": "change_log", "examples": "example", "templates": "template",
    "translations": "translation",
}  # fmt: skip
_LANGUAGES = {
    "py": "python", "js": "javascript", "ts": "typescript", "golang": "go", "rs": "rust", "rb": "ruby", "c++": "cpp", "c#": "csharp",
    "cs": "csharp", "kt": "kotlin", "sh": "bash", "shell": "bash", "md": "markdown", "ex": "elixir", "yml": "yaml", "hs": "haskell",
}  # fmt: skip
_FAMILIES = {"typescript": ("typescript", "tsx")}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def checked(filters: Filters) -> Filters:
    """Return the filters with every value spelled as in the index.

    Raises SettingsError for an unknown kind or role, or an invalid date.
    """
    values: dict[str, Any] = {name: spelled_all(name, getattr(filters, name), name) for name in LIST_FILTERS}
    for name in ("after", "before"):
        text = getattr(filters, name)
        values[name] = day(name, text, name) if text else ""
    return Filters(**values, at=filters.at)


def combined(one: Filters, other: Filters) -> Filters:
    """Return both filters together: the union of their values, and the narrower range of dates."""
    return Filters(
        **{name: getattr(one, name) + getattr(other, name) for name in LIST_FILTERS},
        after=latest_day((one.after, other.after)),
        before=earliest_day((one.before, other.before)),
        at=other.at or one.at,
    )


def latest_day(days: Iterable[str]) -> str:
    """Return the last of several ISO dates; "" means no date."""
    return max(days, default="")


def earliest_day(days: Iterable[str]) -> str:
    """Return the first of several ISO dates; "" means no date."""
    return min(filter(None, days), default="")


def spelled_all(name: str, values: Iterable[str], shown: str) -> tuple[str, ...]:
    """Return the values of the filter `name` as the index spells them; a leading "!" stays.

    One language may stand for several: TypeScript includes TSX. `shown` names the filter in errors.
    Raises SettingsError for a kind or role that does not exist.
    """
    return tuple(
        "!" * value.startswith("!") + spelled
        for value in values
        for spelled in _spelled(name, value.removeprefix("!"), shown)
    )


def _spelled(name: str, value: str, shown: str) -> tuple[str, ...]:
    if name == "languages":
        language = _LANGUAGES.get(value.lower(), value.lower())
        return _FAMILIES.get(language, (language,))
    if name == "kinds":
        return (_one_of([item.value for item in NodeKind], _KINDS, value, shown),)
    if name == "roles":
        return (_one_of([item.label for item in Role], _ROLES, value, shown),)
    return (value,)


def _one_of(known: Sequence[str], also: Mapping[str, str], value: str, shown: str) -> str:
    spelled = also.get(value.lower(), value.lower())
    if spelled not in known:
        raise SettingsError(f'Filter "{shown}" must be one of {", ".join(known)}, not "{value}".')
    return spelled


def day(name: str, text: str, shown: str) -> str:
    """Return the ISO date of the filter "after" or "before".

    A year or month means its first or last day. Raises SettingsError.
    """
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        year, month, number = (int(part) if part else 0 for part in found.groups())
        if name == "after":
            date = datetime.date(year, month or 1, number or 1)
        else:
            last = number or calendar.monthrange(year, month or 12)[1]
            date = datetime.date(year, month or 12, last)
    except ValueError as error:
        raise SettingsError(
            f'Filter "{shown}" must be a date such as 2026, 2026-01 or 2026-01-31, not "{text}".'
        ) from error
    return date.isoformat()
