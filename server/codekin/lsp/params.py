"""Parameters of codekin's own requests, fully validated before a request starts."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar, cast, get_args

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

from codekin.domain.search import Filters, Mode, SearchRequest
from codekin.filter_spec import FilterSpec

_MAX_RESULTS = 1_000
_MAX_POINTS = 20_000
_LAST_LINE = 2**31 - 1
_MODE = re.compile(rf"(?<!\S)mode:({'|'.join(get_args(Mode))})(?!\S)")
T = TypeVar("T")


class SearchParams(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The parameters of codekin/search."""

    query: str
    limit: int = 20
    mode: Mode = "hybrid"
    filters: FilterSpec | None = None
    explain: bool = False
    per_file: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    partial_result_token: str | int | None = None

    def request(self) -> SearchRequest:
        """Return the request. Raises JsonRpcInvalidParams for a limit out of range.

        `mode:` in a query of one line sets the mode, unless the client has set one.
        """
        filters = self.filters.filters() if self.filters else Filters()
        query, mode = self.query, self.mode
        if mode == "hybrid" and "\n" not in query and (found := _MODE.search(query)):
            query = " ".join((query[: found.start()] + " " + query[found.end() :]).split())
            mode = cast("Mode", found[1])
        return SearchRequest(query, checked_limit(self.limit), mode, filters, self.explain, per_file=self.per_file)


class Position(msgspec.Struct, frozen=True):
    """An LSP position. The column is ignored: every range covers whole lines."""

    line: Annotated[int, msgspec.Meta(ge=0, le=_LAST_LINE)]
    character: Annotated[int, msgspec.Meta(ge=0)] = 0


class Range(msgspec.Struct, frozen=True):
    """An LSP range."""

    start: Position
    end: Position


class Document(msgspec.Struct, frozen=True):
    """An LSP text document identifier."""

    uri: str


class LinesParams(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The parameters of codekin/blame: one of `position` and `range`."""

    text_document: Document
    position: Position | None = None
    range: Range | None = None

    def lines(self) -> tuple[int, int]:
        """Return the lines [start, end).

        Raises JsonRpcInvalidParams without a position and a range.
        """
        if self.range is not None:
            end = self.range.end.line + (self.range.end.character > 0 or self.range.end == self.range.start)
            return self.range.start.line, max(end, self.range.start.line + 1)
        if self.position is not None:
            return self.position.line, self.position.line + 1
        raise invalid("`position` or `range` is required.")


class RelatedParams(LinesParams, frozen=True, rename="camel", kw_only=True):
    """The parameters of codekin/related."""

    limit: int = 20


class ExplainParams(SearchParams, frozen=True, rename="camel", kw_only=True):
    """The parameters of codekin/explain: a search and the file to explain."""

    text_document: Document
    position: Position | None = None


class CommitParams(msgspec.Struct, frozen=True):
    """The parameters of codekin/commit: the URI of a result that is a commit."""

    uri: str


class ControlParams(msgspec.Struct, frozen=True):
    """The parameters of codekin/control."""

    action: Literal["pause", "resume", "rebuild", "clear", "sync"]


class MapParams(msgspec.Struct, frozen=True):
    """The parameters of codekin/map: `known` is the revision of the client's map, or ""."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=_MAX_POINTS)] = _MAX_POINTS
    known: str = ""


class DuplicatesParams(msgspec.Struct, frozen=True):
    """The parameters of codekin/duplicates: groups, and the cosine of their places.

    Without `threshold`, that of the settings applies.
    """

    limit: Annotated[int, msgspec.Meta(ge=1, le=_MAX_RESULTS)] = 100
    threshold: Annotated[float, msgspec.Meta(ge=0.9, le=1)] | None = None
    filters: FilterSpec | None = None


class LensData(msgspec.Struct, frozen=True):
    """The data of a code lens that is not resolved yet."""

    uri: str


class NoParams(msgspec.Struct, frozen=True):
    """The parameters of a request that takes none."""


def decode(params: Any, kind: type[T]) -> T:
    """Return the parameters as `kind`. Raises JsonRpcInvalidParams naming the wrong field."""
    try:
        return msgspec.convert({} if params is None else params, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter for an unpaired surrogate
        raise invalid(str(error)) from error


def checked_limit(limit: int) -> int:
    """Return the limit. Raises JsonRpcInvalidParams if it is out of range."""
    if not 1 <= limit <= _MAX_RESULTS:
        raise invalid(f"`limit` must be from 1 to {_MAX_RESULTS}, not {limit}.")
    return limit


def invalid(text: str) -> JsonRpcInvalidParams:
    """Return the error that is sent with the code -32602."""
    return JsonRpcInvalidParams(text)
