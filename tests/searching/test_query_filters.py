"""Filters in the text of a query: what is read out of it, and that it leaves what an independent check leaves."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import string
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekin.chunking import language_of
from codekin.domain.commits import commit_path
from codekin.domain.search import Filters, SearchRequest
from codekin.domain.values import Changes, FileRecord, Node, NodeKind
from codekin.embedding import open_embedder
from codekin.errors import SettingsError
from codekin.searching import Catalog, search
from codekin.searching.query_filters import combined, split_filters
from codekin.storage import LexicalIndex, open_metadata, open_vectors


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
        ("Ext:.py,ts symbol:class", "", Filters(extensions=(".py", "ts"), symbols=("class",))),
        (r"what does \path: mean", "what does path: mean", Filters()),
        ("std::vector http://a/b f(path:str) a:b", "std::vector http://a/b f(path:str) a:b", Filters()),
        ("lang:go,", "", Filters(languages=("go",))),
    ],
)
def test_filters_are_taken_out_of_the_text(text, rest, filters):
    assert split_filters(text) == (rest, filters)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path: src", "needs a value right behind the colon, as in path:src"),
        ("kind:method", "must be of code, test, file"),
        ("after:yesterday", "must be a date such as 2026"),
        ("before:2026-02-30", "must be a date"),
        ("after:2026-13", "must be a date"),
        ("-after:2026", "one date and no minus"),
        ("after:2026,2027", "one date"),
        ('author:"Ann', "quote that does not end"),
        ('author:""', "needs a value"),
    ],
)
def test_what_is_no_filter_is_said_clearly(text, message):
    with pytest.raises(SettingsError, match=message):
        split_filters(text)


def test_filters_given_beside_the_text_and_in_it_add_up():
    one = Filters(languages=("go",), after="2026-01-01", before="2026-05-01")
    other = Filters(languages=("python",), paths=("src/**",), after="2026-02-01")
    assert combined(one, other) == Filters(
        languages=("go", "python"), paths=("src/**",), after="2026-02-01", before="2026-05-01"
    )


FOLDERS = ("", "src/", "src/deep/", "vendor/", "tests/")
ENDINGS = ("py", "go", "md", "test.py")
AUTHORS = ("Ann Lee", "Bob", "Änne", "")
LANGUAGES = {"py": "python", "go": "go", "md": "markdown"}
KINDS = [kind.value for kind in (NodeKind.CODE, NodeKind.TEST, NodeKind.FILE, NodeKind.COMMIT, NodeKind.PULL_REQUEST)]
SYMBOLS = ("function", "class", "")
FIRST = datetime.date(2025, 12, 1)
paths = st.builds(
    lambda folder, stem, ending: f"{folder}{stem}.{ending}",
    st.sampled_from(FOLDERS),
    st.sampled_from(("a", "b", "main")),
    st.sampled_from(ENDINGS),
)
days = st.integers(0, 120)


@dataclass(frozen=True)
class Wish:
    """One filter: its name, its values, whether they are excluded."""

    name: str
    values: tuple
    minus: bool

    def text(self):
        quoted = [f'"{value}"' if " " in value else value for value in map(str, self.values)]
        return f"{'-' if self.minus else ''}{self.name}:{','.join(quoted)}"


@st.composite
def records(draw):
    found = []
    for number, path in enumerate(draw(st.lists(paths, max_size=6, unique=True))):
        nodes = [Node(number * 10, NodeKind.FILE, 0, 9)]
        for place in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from((NodeKind.CODE, NodeKind.TEST)))
            nodes.append(Node(number * 10 + place + 1, kind, place, place + 1, "f", draw(st.sampled_from(SYMBOLS))))
        found.append(record(draw, path, language_of(path), tuple(nodes)))
    for number in range(draw(st.integers(0, 4))):
        kinds = draw(st.sampled_from(((NodeKind.COMMIT,), (NodeKind.COMMIT, NodeKind.PULL_REQUEST), ())))
        nodes = tuple(Node(1000 + number * 10 + place, kind, 0, 1, "t", "#1") for place, kind in enumerate(kinds))
        touched = tuple(draw(st.lists(paths, max_size=3, unique=True)))
        found.append(record(draw, commit_path(f"{number:040x}"), "", nodes, touched))
    return found


def record(draw, path, language, nodes, touched=()):
    day = draw(days)
    date = (
        0 if day == 0 else int(datetime.datetime.combine(FIRST, datetime.time(12), datetime.timezone.utc).timestamp())
    )
    date += day * 86_400 if day else 0
    return FileRecord(
        path, language, 1, 1, b"d", nodes, draw(st.sampled_from(AUTHORS)), date, "text" if touched else "", touched
    )


def a_wish(name, values, most=2):
    return st.builds(
        Wish, st.just(name), st.lists(values, min_size=1, max_size=most, unique=True).map(tuple), st.booleans()
    )


dates = days.map(lambda day: FIRST + datetime.timedelta(days=day))
wishes = st.one_of(
    a_wish("lang", st.sampled_from(("python", "go", "markdown"))),
    a_wish("ext", st.sampled_from(ENDINGS)),
    a_wish("path", st.sampled_from(("src/**", "vendor", "/tests/", "*.md", "main.py"))),
    a_wish("author", st.sampled_from(("ann lee", "B", "ÄNNE", "e"))),
    a_wish("kind", st.sampled_from(KINDS)),
    a_wish("symbol", st.sampled_from(("function", "class"))),
    st.builds(Wish, st.sampled_from(("after", "before")), st.tuples(dates), st.just(False)),
)


def path_matches(glob, file):
    parts = file.split("/")
    return {
        "src/**": file.startswith("src/"),
        "vendor": "vendor" in parts,
        "/tests/": file.startswith("tests/"),
        "*.md": file.endswith(".md"),
        "main.py": parts[-1] == "main.py",
    }[glob]


def holds(wanted, record, node):
    """Whether a node passes all wishes; written down anew, knowing nothing of how the product does it."""
    for name in {wish.name for wish in wanted}:
        same = [wish for wish in wanted if wish.name == name]
        plus = [value for wish in same if not wish.minus for value in wish.values]
        minus = [value for wish in same if wish.minus for value in wish.values]
        if not holds_one(name, plus, minus, record, node):
            return False
    return True


def holds_one(name, plus, minus, record, node):
    files = record.touched if record.path.startswith("commit:") else (record.path,)
    date = datetime.datetime.fromtimestamp(record.date, datetime.timezone.utc).date()

    def passes(test):
        return (not plus or any(map(test, plus))) and not any(map(test, minus))

    def some_file(test):
        return any(passes(partial(test, file=file)) for file in files)

    checks = {
        "lang": lambda: some_file(lambda value, file: LANGUAGES[file.rsplit(".", 1)[1]] == value),
        "ext": lambda: some_file(lambda value, file: file.endswith(f".{value}")),
        "path": lambda: some_file(path_matches) if files else not plus,
        "author": lambda: passes(lambda value: value.casefold() in record.author.casefold()),
        "kind": lambda: passes(lambda value: node.kind.value == value),
        "symbol": lambda: bool(node.symbol_kind) and passes(lambda value: node.symbol_kind == value),
        "after": lambda: record.date > 0 and all(date >= value for value in plus),
        "before": lambda: record.date > 0 and all(date <= value for value in plus),
    }
    return checks[name]()


@pytest.fixture(params=["sqlite", "memory"])
def searchable(request, tmp_path_factory):
    """From records to a view that went through a metadata store."""
    folder = tmp_path_factory.mktemp("filters")
    embedder = open_embedder("hashing", allow_downloads=False)
    vectors = open_vectors("flat", folder / "v", dim=embedder.dim, embedder=embedder.name, writable=True).store
    lexical = LexicalIndex.open(folder / "l", writable=True)

    async def through_the_store(records):
        store = (await open_metadata(folder, request.param)).store
        try:
            await store.clear()
            await store.apply(Changes(tuple(records)))
            return (await store.load())[1]
        finally:
            await store.close()

    def view(records):
        catalog = Catalog("/nowhere")
        catalog.replace(asyncio.run(through_the_store(records)))
        return catalog.view(embedder, vectors, lexical)

    yield view
    vectors.close()
    lexical.close()


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_filters_leave_what_brute_force_leaves(searchable, data):
    held = data.draw(records())
    wanted = data.draw(st.lists(wishes, min_size=1, max_size=4))
    view = searchable(held)
    text = " ".join(wish.text() for wish in wanted)
    found = {(item.path, item.kind) for item in search([view], SearchRequest(text, limit=1000))}
    passing = [(record, node) for record in held for node in record.nodes if holds(wanted, record, node)]
    assert {path for path, _ in found} == {record.path for record, _ in passing}
    assert found <= {(record.path, node.kind.value) for record, node in passing}


@given(st.text(alphabet=string.printable, max_size=40))
def test_any_text_is_a_query_or_a_clear_error(text):
    with contextlib.suppress(SettingsError):
        split_filters(text)
