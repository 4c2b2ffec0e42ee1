"""Queries: immutable values with a method for each choice, and their JSON form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from codekin.domain.search import FILTER_NAMES, LIST_FILTERS, Filters, Mode, Refinement, Rerank, SearchRequest
from codekin.errors import SettingsError
from codekin.filter_spec import FilterSpec

Line = Annotated[int, msgspec.Meta(ge=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
PerFile = Annotated[int, msgspec.Meta(ge=1, le=100)]
Values = Iterable[str] | str


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="by", tag="text"):
    """Search for a question, a name or a path, or for a pattern in the modes regex and literal."""

    text: str
    mode: Mode = "hybrid"


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="by", tag="place"):
    """Search for code related to lines of a file.

    Lines count from 1, and `end_line` is included; it defaults to `line`, and without both the
    entire file is used. `path` is absolute or relative to the workspace.
    """

    path: str
    line: Line | None = None
    end_line: Line | None = None


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The least score of a result; with `of_best`, as a share of the best result's score."""

    score: float
    of_best: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A query. It is immutable: every method returns a new query.

    The last call that says what to search for applies; filters accumulate. Every call validates its
    arguments and raises SettingsError, except for kinds, roles, dates and paths, which are
    validated when the query runs.
    """

    ask: Text | Place | None = None
    filters: FilterSpec = FilterSpec()
    count: Limit = msgspec.field(default=20, name="limit")
    cut: Threshold | None = msgspec.field(default=None, name="threshold")
    order: Rerank | None = msgspec.field(default=None, name="rerank")
    parts: bool = msgspec.field(default=False, name="explain")
    places: PerFile | None = msgspec.field(default=None, name="per_file")

    def hybrid(self, text: str) -> Query:
        """Search by meaning, words and definitions, which suits both questions and names."""
        return self._with(ask=Text(text=text))

    def near_text(self, text: str) -> Query:
        """Search by meaning only."""
        return self._with(ask=Text(text=text, mode="semantic"))

    def keywords(self, text: str) -> Query:
        """Search by words and definitions only."""
        return self._with(ask=Text(text=text, mode="lexical"))

    def regex(self, pattern: str) -> Query:
        """Search for lines that match a regular expression, sorted by path."""
        return self._with(ask=Text(text=pattern, mode="regex"))

    def literal(self, text: str) -> Query:
        """Search for lines that contain a text, sorted by path."""
        return self._with(ask=Text(text=text, mode="literal"))

    def similar_to(self, path: str, line: int | None = None, end_line: int | None = None) -> Query:
        """Search for the tests and commits of a place (see `Place`), then for similar code.

        The score of similar code is its cosine. With a threshold or reranking, only similar code is
        returned.
        """
        if end_line is not None and (line is None or end_line < line):
            raise SettingsError(f"`end_line` ({end_line}) requires a `line` that is not after it.")
        return self._with(ask=Place(path=path, line=line, end_line=end_line))

    def filter(
        self,
        *,
        languages: Values | None = None,
        extensions: Values | None = None,
        paths: Values | None = None,
        kinds: Values | None = None,
        authors: Values | None = None,
        after: str | None = None,
        before: str | None = None,
        symbols: Values | None = None,
        roles: Values | None = None,
        at: str | None = None,
    ) -> Query:
        """Restrict results to those that match every filter. Repeating a filter replaces it."""
        arguments = locals()  # each parameter is one of the filters
        given = {name: arguments[name] for name in FILTER_NAMES if arguments[name] is not None}
        given |= {name: _values(given[name]) for name in LIST_FILTERS if name in given}
        return self._with(filters=msgspec.structs.replace(self.filters, **given))

    def threshold(self, score: float, *, of_best: bool = False) -> Query:
        """Drop results with a lower score.

        The score is a cosine for `similar_to` and after `rerank("similarity")`. Scores of other
        searches are comparable within one answer only, so use a share of the best score with
        `of_best`.
        """
        return self._with(cut=Threshold(score=score, of_best=of_best))

    def rerank(self, by: Rerank) -> Query:
        """Reorder the best 100 results.

        "similarity" sorts them by cosine with the query; "diversity" moves repetitions down.
        """
        return self._with(order=by)

    def limit(self, most: int) -> Query:
        """Set the maximum number of results, 1 to 1,000."""
        return self._with(count=most)

    def per_file(self, most: int) -> Query:
        """Set the maximum number of places of a file, 1 to 100, in the order of their scores.

        By default there is no maximum, and the best place of each file precedes any second one.
        """
        return self._with(places=most)

    def explain(self, wanted: bool = True) -> Query:
        """Set whether results include the parts of their score."""
        return self._with(parts=wanted)

    def to_json(self) -> str:
        """Return the query as one line of JSON, without defaults."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Query:
        """Return the query that `to_json` wrote. Raises SettingsError naming an invalid field."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"Invalid query: {error}") from error

    def request(self) -> SearchRequest:
        """Return the query as a request to the engine. Raises SettingsError if it has no text."""
        if not isinstance(self.ask, Text):
            raise SettingsError("Empty query. Call `hybrid()`, `near_text()`, `similar_to()` or another search method.")
        return SearchRequest(
            self.ask.text,
            self.count,
            self.ask.mode,
            self.engine_filters(),
            self.parts,
            self.refinement(),
            per_file=self.places,
        )

    def engine_filters(self) -> Filters:
        """Return the filters for the engine."""
        return self.filters.filters()

    def refinement(self) -> Refinement:
        """Return the threshold and reranking for the engine."""
        cut = self.cut
        return Refinement(cut.score if cut else None, cut is not None and cut.of_best, self.order)

    def _with(self, **changes: Any) -> Query:
        changed = msgspec.structs.replace(self, **changes)
        try:
            return msgspec.convert(msgspec.to_builtins(changed), Query)
        except msgspec.ValidationError as error:
            raise SettingsError(f"Invalid query: {error}") from error


def _values(given: Values) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
