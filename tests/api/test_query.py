"""The builder and its JSON."""

from __future__ import annotations

import inspect
import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekin.api import Query, SettingsError
from codekin.domain.search import FILTER_NAMES, Filters, Mode, Refinement, SearchRequest

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
values = st.lists(texts, max_size=3).map(tuple)


@st.composite
def queries(draw):
    query = Query()
    ask = draw(st.sampled_from(["hybrid", "near_text", "keywords", "regex", "literal", "place", "nothing"]))
    if ask == "place":
        line = draw(st.integers(1, 99))
        query = query.similar_to(draw(texts), line, draw(st.none() | st.integers(line, 200)))
    elif ask != "nothing":
        query = getattr(query, ask)(draw(texts))
    names = ("languages", "extensions", "paths", "kinds", "authors", "symbols", "roles")
    query = query.filter(**draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))))
    if draw(st.booleans()):
        query = query.threshold(draw(st.floats(-5, 5)), of_best=draw(st.booleans()))
    if draw(st.booleans()):
        query = query.rerank(draw(st.sampled_from(["similarity", "diversity"])))
    return query.limit(draw(st.integers(1, 1000))).explain(draw(st.booleans()))


@given(queries())
def test_json_and_back_is_the_same_query(query):
    assert Query.from_json(query.to_json()) == query
    assert Query.from_json(query.to_json().encode()) == query
    assert hash(Query.from_json(query.to_json())) == hash(query)


def test_steps_leave_the_query_they_start_from_alone():
    base = Query().filter(languages="go")
    narrow = base.filter(paths=["api/**"]).hybrid("x").limit(3)
    assert base == Query().filter(languages=("go",))
    assert narrow.request() == SearchRequest("x", 3, "hybrid", Filters(languages=("go",), paths=("api/**",)))
    assert narrow.filter(languages=["rust"]).engine_filters() == Filters(languages=("rust",), paths=("api/**",))
    assert narrow.near_text("y").request().mode == "semantic"


def test_every_mode_has_a_method():
    built = [Query().hybrid(""), Query().near_text(""), Query().keywords(""), Query().regex(""), Query().literal("")]
    assert {query.request().mode for query in built} == set(get_args(Mode))


def test_filter_has_a_parameter_for_every_filter():
    parameters = inspect.signature(Query.filter).parameters
    assert set(parameters) - {"self"} == set(FILTER_NAMES)
    given_filters = dict.fromkeys(FILTER_NAMES, "2026-01-31")
    assert Query().filter(**given_filters).filter().engine_filters() == Filters(
        *(("2026-01-31",),) * 5, "2026-01-31", "2026-01-31", ("2026-01-31",), ("2026-01-31",), "2026-01-31"
    )


def test_what_the_engine_is_asked():
    query = Query().near_text("x").threshold(0.5, of_best=True).rerank("diversity").explain()
    assert query.request().refinement == Refinement(0.5, of_best=True, rerank="diversity")
    assert query.request().explain


@pytest.mark.parametrize(
    "step",
    [
        lambda query: query.limit(0),
        lambda query: query.limit(1001),
        lambda query: query.limit("three"),
        lambda query: query.per_file(0),
        lambda query: query.per_file(101),
        lambda query: query.rerank("luck"),
        lambda query: query.threshold("high"),
        lambda query: query.filter(languages=[5]),
        lambda query: query.similar_to("a.py", 0),
        lambda query: query.similar_to("a.py", 3, 2),
        lambda query: query.similar_to("a.py", None, 2),
        lambda query: query.hybrid(None),
        lambda query: query.request(),
    ],
)
def test_a_step_that_means_nothing_is_refused_at_once(step):
    with pytest.raises(SettingsError):
        step(Query())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "query"),
        ("[]", "object"),
        ('{"limit": 0}', "limit"),
        ('{"colour": "red"}', "colour"),
        ('{"filters": {"colour": ["red"]}}', "colour"),
        ('{"ask": {"by": "smell", "text": "x"}}', "smell"),
        ('{"ask": {"by": "text", "text": "x", "mode": "psychic"}}', "psychic"),
        ('{"ask": {"by": "place", "path": "a.py", "line": 0}}', "line"),
        ('{"threshold": {"of_best": true}}', "score"),
        (b"\xff", "query"),
    ],
)
def test_json_that_is_no_query_is_refused_by_name(text, named):
    with pytest.raises(SettingsError, match=f"(?i){named}"):
        Query.from_json(text)


def test_defaults_are_left_out():
    assert Query().to_json() == "{}"
    assert json.loads(Query().hybrid("x").to_json()) == {"ask": {"by": "text", "text": "x", "mode": "hybrid"}}
