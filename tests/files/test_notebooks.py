"""Notebooks are read as the source of their cells, each line where it is in the file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codekin.chunking import chunk_file, split_lines
from codekin.domain.search import SearchRequest
from codekin.files import Source, shown_text, source_of
from support.engines import open_engine


def cell(kind, *source, **more):
    return {"cell_type": kind, "metadata": {"tags": ["slow"]}, "source": list(source), **more}


def notebook(*cells, **metadata):
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


OUTPUT = {"data": {"text/plain": ["secret of the output"], "image/png": "A" * 9_000}, "output_type": "display_data"}
FREIGHT = notebook(
    cell("markdown", "# Freight\n", 'of "parcels"\n', "\n", "| a | b |"),
    cell("code", "def freight_total(parcel):\n", "    return parcel.weight * 3", outputs=[OUTPUT], execution_count=1),
    cell("raw", "plain"),
)


def test_cells_are_text_on_their_lines_and_nothing_else_is():
    shown, lines = shown_text("a.ipynb", FREIGHT).split("\n"), FREIGHT.split("\n")
    assert [line for line in shown if line] == [
        "# %% [markdown]", "# Freight", 'of "parcels"', "| a | b |",
        "# %%", "def freight_total(parcel):", "    return parcel.weight * 3",
        "# %% [raw]", "plain",
    ]  # fmt: skip
    assert len(shown) == len(lines)
    for number, line in enumerate(shown):
        assert json.dumps(line)[1:-1] in lines[number] or (
            line.startswith("# %%") and lines[number].strip() == '"source": ['
        )


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_stay(end):
    shown = shown_text("a.ipynb", FREIGHT.replace("\n", end))
    assert shown == shown_text("a.ipynb", FREIGHT).replace("\n", end)


def test_cells_of_other_kernels_are_marked_with_their_language():
    text = notebook(cell("code", "f <- function(x) {\n", "  x\n", "}"), language_info={"name": "R"})
    chunk = chunk_file("a.ipynb", shown_text("a.ipynb", text))[0]
    assert "# %% [r]" in chunk.text
    assert [(item.name, item.kind) for item in chunk.definitions] == [("f", "function")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"cells": []}',
        '{"cells": [1]}',
        '{"cells": {"0": {}}}',
        FREIGHT[:-40],
        "[" * 100_000 + '"cells"',
        json.dumps(json.loads(FREIGHT)),
        "<<<<<<< ours\n" + FREIGHT,
    ],
)
def test_what_is_no_notebook_in_lines_is_kept_as_it_is(text):
    assert shown_text("a.ipynb", text) == text
    assert shown_text("a.json", FREIGHT) == FREIGHT


def test_a_source_in_one_string_is_on_one_line_without_what_no_text_holds():
    text = json.dumps({"cells": [{"cell_type": "code", "source": "a\nb\r\0c\ud800"}]}, indent=1)
    assert [line for line in shown_text("a.ipynb", text).split("\n") if line] == ["# %%", "a b c?"]


json_texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "cell_type", "metadata", "x"]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=30,
)


@settings(max_examples=200, deadline=None)
@given(
    held=json_texts,
    cells=st.lists(json_texts, max_size=4),
    cut=st.integers(0, 400),
    indent=st.sampled_from([None, 0, 1, 2]),
)
def test_any_json_keeps_its_lines(held, cells, cut, indent):
    whole = {"cells": cells, "metadata": held}
    for text in (
        json.dumps(whole, indent=indent),
        json.dumps(held, indent=indent),
        json.dumps(whole, indent=indent)[:cut],
    ):
        assert len(split_lines(shown_text("a.ipynb", text) + ".")) == len(split_lines(text + "."))


def test_outputs_do_not_count_as_long_lines():
    source = source_of("a.ipynb", FREIGHT.encode())
    assert isinstance(source, Source)
    assert source.long_lines == ()


async def test_a_result_opens_the_cell_on_disk_and_unsaved(tmp_path):
    line = next(n for n, text in enumerate(FREIGHT.split("\n")) if "def freight_total" in text)
    (tmp_path / "freight.ipynb").write_text(FREIGHT)
    (tmp_path / "other.py").write_text("x = 1\n")
    async with open_engine(tmp_path) as engine:
        await engine.index()
        for text in (FREIGHT, FREIGHT.replace("weight * 3", "weight * 4")):
            await engine.update_buffer(tmp_path / "freight.ipynb", text)
            found = (await engine.search(SearchRequest("freight_total", mode="lexical"))).results[0]
            assert (found.path, found.symbol, found.start_line) == ("freight.ipynb", "freight_total", line - 1)
            assert found.snippet.startswith("# %%\ndef freight_total(parcel):\n    return parcel.weight")
            literal = (await engine.search(SearchRequest('of "parcels"', mode="literal"))).results
            assert [item.start_line for item in literal] == [FREIGHT[: FREIGHT.index("of \\")].count("\n")]
            assert not (await engine.search(SearchRequest("secret of the output", mode="literal"))).results
