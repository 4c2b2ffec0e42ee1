"""Reading of files: text in any encoding, without long data lines, within limits."""

from __future__ import annotations

import base64
import json
import os
import random
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codekin.chunking import chunk_file, split_lines
from codekin.domain.search import SearchRequest
from codekin.domain.values import Skipped
from codekin.files import Source, read_source, read_text, source_of
from support.engines import open_engine

DATA = base64.b64encode(random.Random(5).randbytes(30_000)).decode()
FUNCTION = "\n\ndef freight_total(parcel):\n    return parcel.weight * 3\n"


def read(tmp_path, data, name="a.txt", limit=1_000_000):
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return read_source(tmp_path, name, limit)


NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "source": ["# Freight of parcels"]},
            {"cell_type": "code", "source": ["plot(freight_total)"], "outputs": [{"data": {"image/png": DATA}}]},
            {"cell_type": "code", "source": ["print('after the plot')"], "outputs": []},
        ],
        "nbformat": 4,
    },
    indent=1,
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (NOTEBOOK, ["# Freight of parcels", "plot(freight_total)", '"image/png": "', "after the plot"]),
        (
            "a { color: red }\n@font-face { src: url(data:font/woff2;base64," + DATA + ") }\nb {}\n",
            ["red", "@font-face", "b {}"],
        ),
        (
            "const wasm = '" + DATA + "';\nexport function load() {\n  return wasm;\n}\n",
            ["const wasm", "export function load"],
        ),
        ("DATA = [" + ",".join(map(str, range(4_000))) + "]" + FUNCTION, ["DATA = [", "def freight_total"]),
        ("begin\r\n" + DATA + "\r\nend\r\n", ["begin\r\n", "\r\nend\r\n"]),
        ("begin\r" + DATA + "\rend\r", ["begin\r", "\rend\r"]),
    ],
)
def test_data_in_a_long_line_does_not_cost_the_file(tmp_path, text, kept):
    source = read(tmp_path, text)
    assert isinstance(source, Source)
    assert all(part in source.text for part in kept)
    assert DATA[400:500] not in source.text
    before, after = split_lines(text), split_lines(source.text)
    assert len(before) == len(after)
    assert source.long_lines == tuple(number for number, line in enumerate(before) if len(line.rstrip("\r\n")) > 5_000)
    assert all(
        old == new
        for number, (old, new) in enumerate(zip(before, after, strict=True))
        if number not in source.long_lines
    )
    assert max(map(len, after)) < 500
    assert read_text(tmp_path, "a.txt", 1_000_000) == text


def test_a_long_list_leaves_the_function_below_it_a_symbol(tmp_path):
    source = read(tmp_path, "DATA = [" + ", ".join(map(str, range(4_000))) + "]" + FUNCTION, "data.py")
    found = [item for chunk in chunk_file("data.py", source.text) for item in chunk.definitions]
    assert ("freight_total", 2) in [(item.name, item.line) for item in found]


@pytest.mark.parametrize(
    "text",
    [
        DATA,
        "/*! a library\n * (c) its authors\n */\n" + "var a=1;" * 5_000 + "\n//# sourceMappingURL=a.js.map\n",
        "\n".join(json.dumps({"row": number, "text": "x y " * 2_000}) for number in range(9)),
        "\n".join(["!function(e,t){return e+t}(" + "n,1" * 2_000 + ")", "var t=1;" * 80, "var u=2;" * 90]),
    ],
)
def test_what_is_nothing_but_long_lines_is_minified(tmp_path, text):
    skipped = read(tmp_path, text, "lib.js")
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "minified (very long lines)"
    assert read_text(tmp_path, "lib.js", 1_000_000) == skipped


@pytest.mark.parametrize(
    "text", ["", "a\n" * 9_000, "x" * 5_000, "x" * 4_999 + "\r\n" + "y" * 5_000, "word " * 900 + "\rb\r"]
)
def test_a_text_without_long_lines_is_kept_as_it_is(tmp_path, text):
    source = read(tmp_path, text)
    assert (source.text, source.long_lines) == (text, ())


async def test_a_notebook_with_a_plot_is_found_on_disk_and_unsaved(tmp_path):
    (tmp_path / "freight.ipynb").write_text(NOTEBOOK)
    async with open_engine(tmp_path) as engine:
        await engine.index()
        found = (await engine.search(SearchRequest("print after the plot", mode="lexical"))).results[0]
        line = NOTEBOOK.split("\n").index("    \"print('after the plot')\"")
        assert found.path == "freight.ipynb"
        assert found.start_line <= line < found.end_line
        embedded = engine.status().computed
        await engine.update_buffer(tmp_path / "freight.ipynb", NOTEBOOK)
        assert (await engine.search(SearchRequest("print after the plot", mode="lexical"))).results
        assert engine.status().computed == embedded


WORDS = "naïve — 計算 \U0001f600 total\r\nnext line\n" * 9
MARKED = {
    "utf-8": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
    "utf-32-le": b"\xff\xfe\0\0",
    "utf-32-be": b"\0\0\xfe\xff",
}


@pytest.mark.parametrize("encoding", MARKED)
def test_every_byte_order_mark_is_understood(tmp_path, encoding):
    assert read(tmp_path, MARKED[encoding] + WORDS.encode(encoding)).text == WORDS


@pytest.mark.parametrize("encoding", MARKED)
def test_a_text_that_was_cut_off_in_a_character_is_read(tmp_path, encoding):
    source = read(tmp_path, MARKED[encoding] + WORDS.encode(encoding) + "計".encode(encoding)[:-1])
    assert source.text == WORDS + "\ufffd"


@pytest.mark.parametrize("encoding", MARKED)
def test_nuls_behind_a_mark_are_refused_with_the_reason(tmp_path, encoding):
    skipped = read(tmp_path, MARKED[encoding] + ("total\0" + WORDS).encode(encoding))
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("binary (UTF-")
    assert skipped.reason.endswith("by byte order mark)")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_damage_all_over_is_refused_with_the_reason(tmp_path, encoding):
    # One byte too many at the beginning, and lone surrogates: nothing behind them is what it was.
    lone = "a\ud800b" * 50
    for data in (b"\xdc" + WORDS.encode(encoding), lone.encode(encoding, "surrogatepass")):
        skipped = read(tmp_path, MARKED[encoding] + data)
        assert isinstance(skipped, Skipped)
        assert "binary" in skipped.reason


def test_bytes_that_only_look_like_text_are_binary(tmp_path):
    assert read(tmp_path, bytes(range(1, 128)) * 9).reason == "binary"
    assert read(tmp_path, "total".encode("utf-16-le")).reason == "binary"
    assert read(tmp_path, "Stra\xdfe \x80".encode("latin-1")).text == "Straße €"


@settings(max_examples=400, deadline=None)
@given(mark=st.sampled_from([b"", *MARKED.values()]), data=st.binary(max_size=300))
def test_random_bytes_never_raise_and_never_become_text_with_nuls(mark, data):
    source = source_of("a.txt", mark + data)
    assert isinstance(source, Skipped) or "\0" not in source.text
    assert isinstance(source, Source) or source.reason


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["word ", "é", "\n", "\r\n", "\r", "x" * 2_600, "[1," * 900, "\u2028", "'"]), max_size=40)
)
def test_lines_keep_their_numbers_whatever_is_cut(parts):
    text = "".join(parts)
    source = source_of("a.txt", text.encode())
    if isinstance(source, Source):
        before, after = split_lines(text), split_lines(source.text)
        kept = [number for number in range(len(before)) if number not in source.long_lines]
        assert len(before) == len(after)
        assert [before[number] for number in kept] == [after[number] for number in kept]
        assert all(before[number][:200].startswith(after[number].split("…")[0][:200]) for number in source.long_lines)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path)  # the name of a socket is short
        try:
            listening.bind("socket")
        finally:
            os.chdir(here)
        for name in ("pipe", "socket"):
            assert read_source(tmp_path, name, 1_000) == Skipped(name, "not a regular file")
            assert read_text(tmp_path, name, 1_000) == Skipped(name, "not a regular file")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="files without a size are Linux's")
def test_a_file_that_says_it_is_empty_is_read_up_to_the_limit(tmp_path):
    assert "Name:" in read_source(Path("/proc/self"), "status", 100_000).text
    assert "larger than" in read_source(Path("/proc/self"), "status", 100).reason


def test_a_file_that_changes_all_the_time_is_text_or_skipped(tmp_path):
    """The file grows, shrinks, is replaced by a pipe, folder or link, and is deleted meanwhile."""
    file, stop = tmp_path / "log.txt", threading.Event()
    other = tmp_path / "other"

    def replaced(make):
        make(other)
        other.replace(file)

    def change():
        changes = [
            lambda: replaced(lambda path: path.write_text("line\n" * 10)),
            lambda: replaced(lambda path: path.write_text("line\n" * 900)),
            lambda: os.truncate(file, 5),
            lambda: replaced(os.mkfifo),
            lambda: replaced(lambda path: path.symlink_to("/etc/passwd")),
            file.unlink,
        ]
        while not stop.is_set():
            for step in changes:
                step()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        outcomes = [read_source(tmp_path, "log.txt", 1_000) for _ in range(3_000)]
    finally:
        stop.set()
        thread.join()
    texts = {item.text for item in outcomes if isinstance(item, Source)}
    assert all("line\n".startswith(text[-5:]) or text.endswith("line\n") or not text for text in texts)
    assert not any(len(text) > 1_000 for text in texts)
    assert all(item.reason for item in outcomes if isinstance(item, Skipped))


@pytest.mark.parametrize("seconds", [0, -1, 4_102_444_800, 9_300_000_000])
def test_any_time_of_a_file_can_be_stored(tmp_path, seconds):
    (tmp_path / "a.txt").write_text("text\n")
    os.utime(tmp_path / "a.txt", (seconds, seconds))
    source = read_source(tmp_path, "a.txt", 1_000)
    assert source.mtime_ns.bit_length() < 64


async def test_a_file_of_a_far_year_is_indexed_once_and_others_with_it(tmp_path):
    (tmp_path / "far.py").write_text("def far(): pass\n")
    (tmp_path / "near.py").write_text("def near(): pass\n")
    os.utime(tmp_path / "far.py", (16_409_779_200, 16_409_779_200))
    async with open_engine(tmp_path) as engine:
        await engine.index()
        assert engine.status().files == 2
        assert (await engine.index()).embedded == 0


@pytest.mark.parametrize("wanted", ["retry", "Retry", "k b", "ö"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"int RETRY;\r\n"),
        ("a.txt", b"nothing of it\n"),
        ("a.txt", "K b retry Ö\n".encode()),  # the sign for kelvin, whose lower case is ASCII
        ("a.txt", "Retry\n".encode("utf-16")),
        ("a.txt", b"caf\xe9 retry\n"),
        ("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["r\\u0065try"]}]}).encode()),
        ("a.ipynb", b'{"cells": [{"cell_type": "code", "source": ["r\\u0065try()"]}]}'),
    ],
)
def test_a_file_that_contains_what_is_wanted_is_read_in_full(tmp_path, name, data, wanted):
    (tmp_path / name).write_bytes(data)
    text = read_text(tmp_path, name, 1_000_000)
    contains = wanted in (text.lower() if wanted == wanted.lower() else text)
    found = read_text(tmp_path, name, 1_000_000, wanted.encode() if wanted.isascii() else b"")
    assert found == text if contains else found in (text, "")


def test_a_file_of_ascii_without_what_is_wanted_is_not_decoded(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"nothing of it\n")
    assert read_text(tmp_path, "a.txt", 1_000_000, b"retry") == ""
    assert read_text(tmp_path, "a.txt", 1_000_000, b"nothing") == "nothing of it\n"
