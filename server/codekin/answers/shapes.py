"""An answer as JSON for programs: the places without their text, small."""

from __future__ import annotations

from codekin.answers.answering import AgentAnswer
from codekin.answers.packing import Place
from codekin.shapes.results import CoverageShape, ReadQueryShape, coverage_shape, read_query_shape
from codekin.shapes.typed import TypedDict


class _PlaceShape(TypedDict):
    path: str


class PlaceShape(_PlaceShape, total=False):
    """A place: lines count from 1, and the end is included. Absent: no lines, no symbol, code.

    `path` is the short hash of a commit. `alike` are places with nearly the same text.
    """

    start_line: int
    end_line: int
    symbol: str
    role: str
    alike: list[str]


class _AgentAnswerShape(TypedDict):
    text: str
    root: str
    revision: str
    dirty: bool
    coverage: CoverageShape
    tokens: int
    places: list[PlaceShape]


class AgentAnswerShape(_AgentAnswerShape, total=False):
    """A text for a model with its number of `tokens`, and the places in it.

    `cursor` is present if there are more places, `parsed` if the query has filters or was unclear.
    """

    cursor: str
    parsed: ReadQueryShape


def agent_answer_shape(answer: AgentAnswer) -> AgentAnswerShape:
    """Return an answer with its text."""
    identity, packed = answer.identity, answer.packed
    shape: AgentAnswerShape = {
        "text": packed.text,
        "root": str(identity.root),
        "revision": identity.revision,
        "dirty": identity.is_dirty,
        "coverage": coverage_shape(identity.coverage),
        "tokens": packed.tokens,
        "places": [_place(place) for place in packed.places],
    }
    if packed.next_offset is not None:
        shape["cursor"] = str(packed.next_offset)
    if answer.parsed:
        shape["parsed"] = read_query_shape(answer.parsed)
    return shape


def _place(place: Place) -> PlaceShape:
    shape: PlaceShape = {"path": place.path}
    if place.end_line > place.start_line:
        shape["start_line"], shape["end_line"] = place.start_line + 1, place.end_line
    if place.symbol:
        shape["symbol"] = place.symbol
    if place.role:
        shape["role"] = place.role
    if place.alike:
        shape["alike"] = list(place.alike)
    return shape
