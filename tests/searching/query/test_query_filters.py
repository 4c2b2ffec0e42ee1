"""Filters in the text of a query are parsed, and agree with an independent check."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekin.domain.search import FILTER_NAMES, Filters, SearchRequest
from codekin.errors import SettingsError
from codekin.searching.query.filter_values import checked, combined
from codekin.searching.query.inline_filters import WRITTEN_AS, Reading, read_query
from codekin.shapes import answer_shape
from support.engines import open_indexed


@pytest.mark.parametrize(
    ("text", "rest", "filters"),
    [
        ("retry logic", "retry logic", Filters()),
        ("  kept   as typed ", "  kept   as typed ", Filters()),
        ("retry lang:go logic", "retry logic", Filters(languages=("go",))),
        ("lang:go,PY retry", "retry", Filters(languages=("go", "python"))),
        ("path:src/** -path:vendor x", "x", Filters(paths=("src/**", "!vendor"))),
        ('author:"Ann Lee",bob', "", Filters(authors=("Ann Lee", "bob"))),
        ("kind:pr,commit -kind:test", "", Filters(kinds=("pull_request", "commit", "!test"))),
        ("after:2026-01 before:2026-02", "", Filters(after="2026-01-01", before="2026-02-28")),
        ("since:2024 until:2024", "", Filters(after="2024-01-01", before="2024-12-31")),
        ("after:2026-01 after:2026-03", "", Filters(after="2026-03-01")),
        ("ext:.py,ts symbol:class", "", Filters(extensions=(".py", "ts"), symbols=("class",))),
        ("role:docs,changelog -role:test", "", Filters(roles=("document", "change_log", "!test"))),
        (r"what does \path: mean", "what does path: mean", Filters()),
        ("std::vector http://a/b f(path:str) a:b", "std::vector http://a/b f(path:str) a:b", Filters()),
        ("lang:go,", "", Filters(languages=("go",))),
    ],
)
def test_filters_are_removed_from_the_text(text, rest, filters):
    reading = read_query(SearchRequest(text))
    assert (reading.text, reading.filters, reading.notes) == (rest, filters, ())


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("path: src", "not a filter without a value directly after the colon, as in path:src"),
        ("kind:method", "must be one of code, test, file"),
        ("role:manual", "must be one of code, test, document"),
        ("lang:typescrpt x", "typescrpt is unknown. Did you mean typescript?"),
        ("after:yesterday", "must be a date such as 2026"),
        ("before:2026-02-30", "must be a date"),
        ("after:2026-13", "must be a date"),
        ("-after:2026", "one value and no minus"),
        ("after:2026,2027", "one value"),
        ('author:"Ann', "Quote a value with spaces as a whole"),
        ('author:""', "not a filter without a value"),
        ("at:main at:other", "a second branch"),
    ],
)
def test_what_is_no_filter_is_text_and_that_is_said(text, note):
    reading = read_query(SearchRequest(text))
    assert reading.text in (text, "at:other")
    assert note in reading.notes[0]
    assert reading.notes[0].endswith("It was searched as text.")


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: apps/v1\nkind: Deployment\n",
        "error: cannot find symbol\n  symbol:   variable x\n  location: class Main",
        "kind:test\nlang:go",
        "Author: Ann Lee <ann@example.org>\nDate: Mon",
        "LANG:go Path:src KIND:test",
        "std::vector http://a/b f(path:str) a:b",
    ],
)
def test_a_pasted_text_has_no_filters(text):
    assert read_query(SearchRequest(text)) == Reading(text)


@pytest.mark.parametrize("mode", ["literal", "regex"])
def test_a_literal_and_a_regular_expression_have_no_filters(mode):
    assert read_query(SearchRequest("kind:test lang:go", mode=mode)) == Reading("kind:test lang:go")


def test_typescript_means_tsx_too():
    assert read_query(SearchRequest("-lang:ts")).filters == Filters(languages=("!typescript", "!tsx"))
    assert checked(Filters(languages=("ts",))).languages == ("typescript", "tsx")


def test_filters_of_the_request_and_of_its_text_are_combined():
    one = Filters(languages=("go",), after="2026-01-01", before="2026-05-01")
    other = Filters(languages=("python",), paths=("src/**",), after="2026-02-01")
    assert combined(one, other) == Filters(
        languages=("go", "python"), paths=("src/**",), after="2026-02-01", before="2026-05-01"
    )


def test_values_given_apart_are_read_as_those_in_the_text():
    given_apart = Filters(
        languages=("PY", "!golang"), kinds=("pr", "!tests"), after="2026-01", before="2026", at="main"
    )
    written = "lang:PY -lang:golang kind:pr -kind:tests after:2026-01 before:2026 at:main"
    assert checked(given_apart) == read_query(SearchRequest(written)).filters


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(kinds=("method",)), 'Filter "kinds" must be one of code, test, file'),
        (Filters(kinds=("!!test",)), 'Filter "kinds" must be one of code, test, file'),
        (Filters(after="soon"), 'Filter "after" must be a date such as 2026'),
        (Filters(before="2026-02-30"), 'Filter "before" must be a date'),
    ],
)
def test_what_is_no_filter_given_apart_is_said_too(filters, message):
    with pytest.raises(SettingsError, match=message):
        checked(filters)


def test_each_filter_can_be_written():
    assert set(WRITTEN_AS) == set(FILTER_NAMES)


@given(st.text(alphabet=string.printable, max_size=40))
def test_any_text_is_a_query(text):
    read_query(SearchRequest(text))


async def test_an_answer_says_how_its_query_was_read(tmp_path):
    (tmp_path / "a.go").write_text("package a\n\nfunc Retry() {}\n")
    async with open_indexed(tmp_path) as engine:
        response = await engine.search(SearchRequest("retry lang:go lang:klingon"))
        assert response.parsed is not None
        (found,) = response.parsed.filters
        assert (found.typed, found.name, found.values) == ("lang:go", "languages", ("go",))
        assert response.parsed.text.split() == ["retry", "lang:klingon"]
        (note,) = response.parsed.notes
        assert "klingon is unknown" in note
        assert note in response.reasons
        shape = answer_shape(response)["parsed"]
        assert shape["filters"] == [{"typed": "lang:go", "name": "languages", "values": ["go"]}]
        plain = await engine.search(SearchRequest("retry"))
        assert answer_shape(plain)["parsed"] == {"text": "retry", "filters": [], "notes": []}
        related = await engine.related(tmp_path / "a.go", 0, 3)
        assert "parsed" not in answer_shape(related)
