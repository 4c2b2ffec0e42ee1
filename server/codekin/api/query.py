"""What to look for: a frozen value with a method for each choice, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from codekin.domain.search import FILTER_NAMES, LIST_FILTERS, Filters, Mode, Refinement, Rerank, SearchRequest
from codekin.errors import SettingsError
from codekin.filter_spec import FilterSpec

Line = Annotated[int, msgspec.Meta(ge=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Values = Iterable[str] | str


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="by", tag="text"):
    """Look for a text: a question, a name, a path; for the modes regex and literal a pattern."""

    text: str
    mode: Mode = "hybrid"


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="by", tag="place"):
    """Look for code like the code of a file, from `line` to `end_line`: counted from 1, the end included. Without `end_line`
    the one line, without both the whole file. `path` is relative to the workspace, or absolute.
    """

    path: str
    line: Line | None = None
    end_line: Line | None = None


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Results that score below `score` are left out; with `of_best` it is a share of the best result's score."""

    score: float
    of_best: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Immutable: every method returns another query. What is looked for is the last thing said; filters add up.

    Every step is checked at once and raises SettingsError, except for kinds, dates and paths: they are looked at when
    the query runs.
    """

    ask: Text | Place | None = None
    filters: FilterSpec = FilterSpec()
    count: Limit = msgspec.field(default=20, name="limit")
    cut: Threshold | None = msgspec.field(default=None, name="threshold")
    order: Rerank | None = msgspec.field(default=None, name="rerank")
    parts: bool = msgspec.field(default=False, name="explain")

    def hybrid(self, text: str) -> Query:
        """By meaning, by words and by definitions at once: what suits questions and names alike."""
        return self._with(ask=Text(text=text))

    def near_text(self, text: str) -> Query:
        """By meaning alone."""
        return self._with(ask=Text(text=text, mode="semantic"))

    def keywords(self, text: str) -> Query:
        """By words and definitions alone."""
        return self._with(ask=Text(text=text, mode="lexical"))

    def regex(self, pattern: str) -> Query:
        """Lines that match a regular expression, in the order of their paths."""
        return self._with(ask=Text(text=pattern, mode="regex"))

    def literal(self, text: str) -> Query:
        """Lines that hold a text, in the order of their paths."""
        return self._with(ask=Text(text=text, mode="literal"))

    def similar_to(self, path: str, line: int | None = None, end_line: int | None = None) -> Query:
        """Tests and commits of a place, see `Place`, then code like it, whose score is the cosine; with a threshold or a
        reranking that alone.
        """
        if end_line is not None and (line is None or end_line < line):
            raise SettingsError(f"`end_line` ({end_line}) needs a `line` that is not after it.")
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
        at: str | None = None,
    ) -> Query:
        """Only what fits all that is named here and before; a part that is named again is replaced."""
        asked = locals()  # each parameter is one of the filters
        given = {name: asked[name] for name in FILTER_NAMES if asked[name] is not None}
        given |= {name: _values(given[name]) for name in LIST_FILTERS if name in given}
        return self._with(filters=msgspec.structs.replace(self.filters, **given))

    def threshold(self, score: float, *, of_best: bool = False) -> Query:
        """Leaves out what scores below. A cosine for `similar_to` and after `rerank("similarity")`; scores of other searches
        compare within one answer alone, so give a share of the best one with `of_best`.
        """
        return self._with(cut=Threshold(score=score, of_best=of_best))

    def rerank(self, by: Rerank) -> Query:
        """The hundred best anew: "similarity" by cosine with the query, "diversity" with repetitions put back."""
        return self._with(order=by)

    def limit(self, most: int) -> Query:
        """At most so many results, 1 to 1,000."""
        return self._with(count=most)

    def explain(self, wanted: bool = True) -> Query:
        """Whether to give the parts of each score."""
        return self._with(parts=wanted)

    def to_json(self) -> str:
        """One line, without what is left at its default."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Query:
        """The inverse of `to_json`. Raises SettingsError that names the field."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"Not a query: {error}") from error

    def request(self) -> SearchRequest:
        """The query as the engine takes it. Raises SettingsError for one that is not for a text."""
        if not isinstance(self.ask, Text):
            raise SettingsError("The query looks for nothing: say near_text, hybrid, similar_to, ...")
        return SearchRequest(
            self.ask.text, self.count, self.ask.mode, self.engine_filters(), self.parts, self.refinement()
        )

    def engine_filters(self) -> Filters:
        """The filters as the engine takes them."""
        return self.filters.filters()

    def refinement(self) -> Refinement:
        """Threshold and reranking as the engine takes them."""
        cut = self.cut
        return Refinement(cut.score if cut else None, cut is not None and cut.of_best, self.order)

    def _with(self, **changes: Any) -> Query:
        changed = msgspec.structs.replace(self, **changes)
        try:
            return msgspec.convert(msgspec.to_builtins(changed), Query)
        except msgspec.ValidationError as error:
            raise SettingsError(f"Not a query: {error}") from error


def _values(given: Values) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
