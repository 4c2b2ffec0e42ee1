"""Kinds of queries, filters against brute force, and guarantees of the ranking."""

from __future__ import annotations

import datetime
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codekin.domain.search import Filters, SearchRequest
from codekin.domain.values import Chunk, Definition, FileRecord, Node, NodeKind
from codekin.embedding import open_embedder
from codekin.errors import SettingsError
from codekin.searching import Catalog, find_symbols, search
from codekin.searching.query.parsing import QueryKind, parse_query
from codekin.searching.ranking.features import file_table, word_shares
from codekin.searching.ranking.file_ranking import rank
from codekin.searching.ranking.path_signals import demoted_kinds, path_match, wanted_path
from codekin.searching.ranking.record_ranking import MOST, RecordCandidates, rank_records
from codekin.searching.ranking.retrieval import gather
from codekin.searching.ranking.weights import LABELS, NAMES, SIGNALS
from codekin.searching.snapshot.blocks import Blocks
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.path_traits import traits
from codekin.storage import LexicalIndex, open_vectors

LANGUAGES, AUTHORS, FOLDERS = (
    ["python", "go", "rust"],
    ["Ann Lee", "Bob", "ÉLODIE", ""],
    ["src", "src/deep", "tests", "docs"],
)
DAY_S = 86_400


@pytest.mark.parametrize(
    ("text", "kind", "identifiers"),
    [
        ("where is the retry logic?", QueryKind.PROSE, ()),
        ("parse_header", QueryKind.SYMBOL, ("parse_header",)),
        ("Session.retry", QueryKind.SYMBOL, ("Session.retry",)),
        ("Blueprint", QueryKind.SYMBOL, ("Blueprint",)),
        ("how does call_with_retry wait", QueryKind.MIXED, ("call_with_retry",)),
        ("src/app.py", QueryKind.PATH, ("app.py",)),
        ("", QueryKind.PROSE, ()),
        ("   ???  ", QueryKind.PROSE, ()),
    ],
)
def test_kind_of_query(text, kind, identifiers):
    query = parse_query(text)
    assert query.kind is kind
    if kind is not QueryKind.PATH:
        assert query.identifiers == identifiers


@given(text=st.text(max_size=40))
def test_any_text_is_a_query(text):
    query = parse_query(text)
    if query.kind is QueryKind.LONG:  # empty lines and noise are left out, nothing is added
        assert set(query.text.split()) <= set(text.split())
    else:
        assert query.text == text.strip()


def test_separators_of_records_and_pages_end_no_word_of_a_long_text():
    assert parse_query("0\x1e\n0").text.split() == ["0", "0"]


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(FOLDERS),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(LANGUAGES),
        st.sampled_from(AUTHORS),
        st.integers(0, 20),
        st.sampled_from(["code", "test"]),
    ),
    max_size=12,
    unique_by=lambda item: (item[0], item[1]),
)
DATES = st.integers(0, 20).map(lambda day: (datetime.date(2026, 1, 1) + datetime.timedelta(day)).isoformat())
EPOCH_S = int(datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc).timestamp())


def maybe(strategy):
    return st.one_of(st.just(()), st.lists(strategy, min_size=1, max_size=2).map(tuple))


@settings(max_examples=150, deadline=None)
@given(
    listed=RECORDS,
    languages=maybe(st.sampled_from(LANGUAGES)),
    extensions=maybe(st.sampled_from([".py", "go"])),
    folders=maybe(st.sampled_from(FOLDERS)),
    kinds=maybe(st.sampled_from(["code", "test", "file"])),
    authors=maybe(st.sampled_from(["ann", "bo", "élodie"])),
    after=st.one_of(st.just(""), DATES),
    before=st.one_of(st.just(""), DATES),
)
def test_filters_agree_with_brute_force(stores, listed, languages, extensions, folders, kinds, authors, after, before):
    catalog = Catalog("/w")
    records = [
        FileRecord(
            f"{folder}/{name}.{'py' if language == 'python' else language}",
            language,
            1,
            1,
            b"",
            (Node(0, NodeKind.FILE, 0, 1), Node(1, NodeKind(kind), 0, 1)),
            author,
            EPOCH_S + day * DAY_S if day else 0,
        )
        for folder, name, language, author, day, kind in listed
    ]
    catalog.write(records)
    view = catalog.view(*stores).built()
    filters = Filters(
        languages, extensions, tuple(f"/{folder}/**" for folder in folders), kinds, authors, after, before
    )
    mask = node_mask(view, filters)
    got = {
        (view.blocks[int(view.node_file[at])].record.path, view.node(at).kind.value)
        for at in range(len(view.node_file))
        if mask is None or mask[at]
    }
    want = set()
    for record in records:
        day = datetime.datetime.fromtimestamp(record.date, datetime.timezone.utc).date().isoformat()
        if (
            (not languages or record.language in languages)
            and (not extensions or any(record.path.endswith("." + item.lstrip(".")) for item in extensions))
            and (not folders or any(record.path.startswith(folder + "/") for folder in folders))
            and (not authors or any(item in record.author.casefold() for item in authors))
            and (not after or (record.date and day >= after))
            and (not before or (record.date and day <= before))
        ):
            want |= {(record.path, node.kind.value) for node in record.nodes if not kinds or node.kind.value in kinds}
    assert got == want


@pytest.fixture
def corpus(tmp_path):
    """Fill a catalog and stores with {path: [(symbol, text), ...]} and return the view."""

    def fill(files):
        embedder = open_embedder("hashing")
        vectors = open_vectors("flat", tmp_path / "v", dim=embedder.dim, embedder=embedder.name, writable=True).store
        lexical = LexicalIndex.open(tmp_path / "l", writable=True)
        catalog = Catalog(str(tmp_path))
        for path, pieces in files.items():
            chunks = [
                Chunk(NodeKind.FILE, "python", 0, len(pieces), f"{path}\n" + " ".join(symbol for symbol, _ in pieces))
            ]
            chunks += [
                Chunk(
                    NodeKind.CODE,
                    "python",
                    at,
                    at + 1,
                    text,
                    symbol,
                    "function",
                    definitions=(Definition(symbol, "function", at),),
                )
                for at, (symbol, text) in enumerate(pieces)
            ]
            keys = np.array([chunk.content_key("t") for chunk in chunks], dtype=np.int64)
            vectors.add(keys, embedder.embed_passages([chunk.embedding_text for chunk in chunks]))
            lexical.add(keys, chunks)
            nodes = tuple(
                Node(int(key), c.kind, c.start_line, c.end_line, c.symbol, c.symbol_kind, c.definitions)
                for key, c in zip(keys, chunks, strict=True)
            )
            catalog.write([FileRecord(path, "python", 1, 1, b"", nodes)])
        return catalog.view(embedder, vectors, lexical).built()

    return fill


def paths(view, query, **options):
    return [result.path for result in search([view], SearchRequest(query, **options))]


def test_exact_definition_is_never_outranked(corpus):
    files = {f"noise_{n}.py": [(f"f{n}", f"handle_event handle event loop {n} " * 5)] for n in range(30)}
    view = corpus({**files, "zz.py": [("handle_event", "x = 1")]})
    assert paths(view, "handle_event")[0] == "zz.py"
    assert paths(view, "HANDLE_EVENT")[0] == "zz.py"
    assert find_symbols([view], "handle_ev", 5)[0].path == "zz.py"
    assert find_symbols([view], "nothing", 5) == []


def test_one_result_a_file_before_any_second_one(corpus):
    view = corpus({"a.py": [(f"f{n}", f"retry the request {n}") for n in range(5)], "b.py": [("g", "retry it")]})
    found = paths(view, "retry", limit=10)
    assert set(found[:2]) == {"a.py", "b.py"}
    assert found.count("a.py") > 1


def test_equal_text_in_two_files_is_found_in_both(corpus):
    view = corpus({"a.py": [("f", "zebra stripes")], "b.py": [("f", "zebra stripes")]})
    assert sorted(paths(view, "zebra")) == ["a.py", "b.py"]


def test_tests_are_demoted_unless_asked_for(corpus):
    same = [("check", "retry the request")]
    view = corpus({"tests/other.py": same, "src/other.py": same})
    assert paths(view, "retry request")[0] == "src/other.py"
    assert paths(view, "retry request test")[0] == "tests/other.py"


def table_of(view, query, *beside):
    """Return the signals of one view's files, searched together with the other views."""
    return file_table(gather(view, query, "hybrid", None, None), query, word_shares([view, *beside], query))


def test_word_shares_are_computed_over_all_folders(corpus):
    """In a folder of one file most words are unknown, so its name would cover the whole query."""
    small = corpus({"bank.py": [("bank", "of a bank")]})
    big = corpus({"entries.py": [("entries", "which entries are missing")], "missing.py": [("missing", "a statement")]})
    query = parse_query("entries missing on the statement of the bank")

    def named(*beside):
        table = table_of(small, query, *beside)
        return table.values[0, NAMES.index("named")]

    assert named() == pytest.approx(1.0)
    assert named(big) < 0.5


def test_word_shares_are_computed_over_code(corpus):
    """A word that only a guide uses does not count, unless the query asks for documentation."""
    code = {"src/signals.py": [("send_signals", "send signals")], "src/other.py": [("wait", "wait")]}
    guide = {"docs/guide.md": [("", "the lifecycle of signals")]}

    def named(files, query, path="src/signals.py"):
        table = table_of(corpus(files), parse_query(query))
        at = [table.path(row) for row in range(len(table.files))].index(path)
        return table.values[at, NAMES.index("named")], table.values[at, NAMES.index("query_in_name")]

    assert named(code, "send signals lifecycle") == (1.0, pytest.approx(0.5))
    assert named({**code, **guide}, "send signals lifecycle") == named(code, "send signals lifecycle")
    assert named({**code, **guide}, "send signals lifecycle docs")[0] < 1.0
    assert named({**code, **guide}, "lifecycle guide", "docs/guide.md")[1] > 0.0, "no word of it is in the code"


def test_scores_are_the_sum_of_their_parts(corpus):
    view = corpus({"a.py": [("retry", "retry the request")], "b.py": [("g", "wait")]})
    for result in search([view], SearchRequest("retry request", explain=True)):
        assert sum(result.parts.values()) == pytest.approx(result.score)
        assert set(result.parts) <= set(LABELS)
    assert len({signal.name for signal in SIGNALS}) == len({signal.label for signal in SIGNALS}) == len(SIGNALS)


def test_invalid_patterns_and_filters_are_reported(corpus):
    view = corpus({"a.py": [("f", "x")]})
    for request in (
        SearchRequest("(", mode="regex"),
        SearchRequest("x", filters=Filters(after="soon")),
        SearchRequest("x", filters=Filters(kinds=("poem",))),
    ):
        with pytest.raises(SettingsError):
            search([view], request)


def test_path_signals():
    query = parse_query("session cookie handling")
    assert path_match(wanted_path(parse_query("src/app.py")), "lib/src/app.py") == 1.0
    assert path_match(wanted_path(parse_query("app")), "lib/src/app.py") == 0.5
    assert path_match(wanted_path(query), "lib/src/app.py") == 0.0
    assert tuple(traits("tests/test_a.py"))[:5] == (1, 1, 0, 0, 0)
    assert tuple(traits("a/vendor/docs/x.md"))[:5] == (3, 0, 1, 1, 1)
    assert [
        traits(path)[5:].index(1) for path in ("CHANGES", "a/locale/de/app.po", "x.tmpl", "a.toml", "Makefile", "a.csv")
    ] == [*range(6)]
    assert demoted_kinds(query) == (*[True] * 7, *[False] * 3)
    assert demoted_kinds(parse_query("test of cookies"))[:4] == (False, True, True, True)
    assert demoted_kinds(parse_query("the changelog in the docs"))[:5] == (True, True, False, False, False)
    assert all(demoted_kinds(parse_query("the docs of the changelog\n\nare not tested")))


def test_names_of_files_and_definitions_count_by_what_they_cover(corpus):
    view = corpus(
        {
            "session_store.py": [("save_cookie", "keeps a cookie"), ("cookie", "plain")],
            "other.py": [("cookie_session_garbage", "cookie session")],
            "third.py": [("nothing", "of the kind")],
        }
    )
    query = parse_query("save the session cookie")
    table = table_of(view, query)
    values = {table.path(row): dict(zip(NAMES, table.values[row], strict=True)) for row in range(len(table.files))}
    assert 0.5 < values["session_store.py"]["named"] < 1  # save_cookie, but not session
    assert values["other.py"]["named"] == 0  # the query does not have the word garbage
    assert values["session_store.py"]["file_name"] == 0.5
    assert 0 < values["session_store.py"]["query_in_name"] < 1
    assert values["other.py"]["file_name"] == 0


def test_a_symbol_is_found_by_the_last_part_of_its_name(corpus):
    view = corpus({"query.ex": [("Ecto.Query", "defmodule")], "other.ex": [("x", "Query Query Query")]})
    assert paths(view, "Query")[0] == "query.ex"


def test_parts_are_returned_on_request(corpus):
    view = corpus({"a.py": [("retry", "retries a call")], "b.py": [("wait", "waits and retries")]})
    explained, plain = (search([view], SearchRequest("retry", explain=explain)) for explain in (True, False))
    assert all(result.parts for result in explained)
    assert not any(result.parts for result in plain)
    assert [(item.path, item.score) for item in explained] == [(item.path, item.score) for item in plain]


def test_only_records_that_score_too_little_are_skipped(corpus):
    view = corpus({f"{name}_log.py": [(name, "text")] for name in ("retry", "wait", "close", "open")})
    nodes, rng = np.arange(len(view.node_file), dtype=np.int32), np.random.default_rng(0)
    dense, lexical = (rng.random(len(nodes)).astype(np.float32) for _ in range(2))
    query, found = parse_query("retry the log"), [RecordCandidates(view, nodes, dense, lexical)]
    everything = rank_records(found, query, 100)
    assert len(everything) == len(nodes)
    assert all(item.score <= MOST for item in everything)
    for least in [item.score for item in everything]:
        kept = rank_records(found, query, 100, least)
        assert [item.node for item in kept] == [item.node for item in everything if item.score > least]


def test_chunks_that_do_not_match_at_all_have_scores_like_others(corpus):
    """A share of a tiny score is tiny, not minus millions."""
    view = corpus({"a.py": [("retry", "one"), ("wait", "two"), ("close", "three")]})
    query = parse_query("something else")
    found = gather(view, query, "hybrid", None, None)
    nothing = np.zeros_like(found.dense)
    unlike = -np.arange(1, len(nothing) + 1, dtype=np.float32) / 10
    ranked = rank([replace(found, dense=unlike, lexical=nothing, defines=nothing)], query, 10)
    assert len(ranked) == 3
    assert all(abs(item.score) < 10 for item in ranked)


def test_no_array_of_a_snapshot_can_be_written_to(stores):
    catalog = Catalog("/w")
    catalog.write(
        [FileRecord("a.py", "python", 1, 1, b"", (Node(0, NodeKind.FILE, 0, 1), Node(1, NodeKind.CODE, 0, 1)))]
    )
    snapshot = catalog.view(*stores).built()
    values = [getattr(item, field.name) for item in (snapshot, snapshot.backing) for field in fields(item)]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    assert len(arrays) == 7
    assert not any(array.flags.writeable for array in arrays)
    assert isinstance(snapshot.blocks, Blocks)
