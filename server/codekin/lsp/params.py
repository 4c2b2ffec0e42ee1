"""What the own requests ask for, checked in full before anything is done."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

from codekin.domain.search import Filters, Mode, SearchRequest
from codekin.filter_spec import FilterSpec

_MOST_RESULTS = 1_000
_MOST_POINTS = 20_000
_LAST_LINE = 2**31 - 1
T = TypeVar("T")


class SearchParams(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The parameters of codekin/search."""

    query: str
    limit: int = 20
    mode: Mode = "hybrid"
    filters: FilterSpec | None = None
    explain: bool = False
    partial_result_token: str | int | None = None

    def request(self) -> SearchRequest:
        """Raises JsonRpcInvalidParams for a limit out of range."""
        filters = self.filters.filters() if self.filters else Filters()
        return SearchRequest(self.query, checked_limit(self.limit), self.mode, filters, self.explain)


class Position(msgspec.Struct, frozen=True):
    """An LSP position; columns are not used: every range is of whole lines."""

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
        """[start, end) of the lines meant. Raises JsonRpcInvalidParams when neither is given."""
        if self.range is not None:
            end = self.range.end.line + (self.range.end.character > 0 or self.range.end == self.range.start)
            return self.range.start.line, max(end, self.range.start.line + 1)
        if self.position is not None:
            return self.position.line, self.position.line + 1
        raise invalid("Give a position or a range.")


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
    """The parameters of codekin/map: `known` is the revision that the client has."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=_MOST_POINTS)] = _MOST_POINTS
    known: str = ""


class LensData(msgspec.Struct, frozen=True):
    """What a code lens carries until it is resolved."""

    uri: str


class NoParams(msgspec.Struct, frozen=True):
    """Requests that take nothing."""


def decode(params: Any, kind: type[T]) -> T:
    """Raises JsonRpcInvalidParams with words a person can act on."""
    try:
        return msgspec.convert({} if params is None else params, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter for half of a surrogate pair
        raise invalid(str(error)) from error


def checked_limit(limit: int) -> int:
    """Raises JsonRpcInvalidParams."""
    if not 1 <= limit <= _MOST_RESULTS:
        raise invalid(f"`limit` must be from 1 to {_MOST_RESULTS}, not {limit}.")
    return limit


def invalid(text: str) -> JsonRpcInvalidParams:
    """Answers -32602."""
    return JsonRpcInvalidParams(text)
