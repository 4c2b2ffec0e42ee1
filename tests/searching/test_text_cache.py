"""Texts of results are those on disk, whether or not they are cached."""

from __future__ import annotations

import os
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekin.chunking import split_lines
from codekin.searching.snapshot import text_cache as module
from codekin.searching.snapshot.text_cache import Texts

LONG_AGO_NS = 1_600_000_000_000_000_000
TEXT = "one\ntwo\r\nthree\rfour\x0cstill four\n\nsix"


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Write a file whose times are long past, because the clock is far in the future."""
    monkeypatch.setattr(module.time, "time_ns", lambda: 2**62)

    def write(name, text, mtime_ns=LONG_AGO_NS):
        path = tmp_path / name
        path.write_bytes(text.encode())
        os.utime(path, ns=(mtime_ns, mtime_ns))
        return path

    return write


@pytest.fixture
def reads(monkeypatch):
    """The paths that were read from disk."""
    found = []
    original = module.read_text

    def read(root, path, most, wanted=b""):
        found.append(path)
        return original(root, path, most, wanted)

    monkeypatch.setattr(module, "read_text", read)
    return found


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1, 3), (3, 6), (0, 99), (5, 5), (7, 9), (0, 0)])
def test_lines_are_those_of_the_file_read_or_cached(put, reads, tmp_path, start, end):
    put("a.py", TEXT)
    texts = Texts(str(tmp_path))
    expected = "".join(split_lines(TEXT)[start:end])
    assert [texts.lines("a.py", start, end) for _ in range(3)] == [expected] * 3
    assert reads == ["a.py"]


def test_a_touched_file_is_read_again(put, tmp_path):
    texts = Texts(str(tmp_path))
    put("a.py", "old\n")
    assert texts.lines("a.py", 0, 9) == "old\n"
    put("a.py", "new\n")  # the same size and modification time as before
    assert texts.lines("a.py", 0, 9) == "new\n"
    put("b.py", "moved\n").replace(tmp_path / "a.py")
    assert texts.lines("a.py", 0, 9) == "moved\n"
    (tmp_path / "a.py").unlink()
    assert texts.lines("a.py", 0, 9) == ""
    assert texts.lines("no\0name", 0, 9) == ""


def test_a_file_written_just_now_is_not_cached(tmp_path, reads):
    (tmp_path / "a.py").write_text("text\n", encoding="utf-8")
    texts = Texts(str(tmp_path))
    assert [texts.lines("a.py", 0, 1) for _ in range(2)] == ["text\n"] * 2
    assert reads == ["a.py"] * 2


def test_the_cache_is_bounded(put, reads, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_KEPT_CHARACTERS", 80)
    texts = Texts(str(tmp_path))
    for number in range(9):
        put(f"{number}.py", "123456789\n")
        texts.lines(f"{number}.py", 0, 1)
    put("large.py", "12345678901\n")
    for name in ("8.py", "0.py", "large.py", "large.py"):
        texts.lines(name, 0, 1)
    assert reads[9:] == ["0.py", "large.py", "large.py"]


@given(st.text(st.sampled_from("ab\n\r\x0c\u2028é\udcff😀")))
def test_lines_begin_where_splitting_says(text):
    assert module._line_starts(text).tolist() == list(accumulate(map(len, split_lines(text)), initial=0))
