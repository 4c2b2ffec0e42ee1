"""The outline of a file: every definition once, within the one around it."""

from __future__ import annotations

import json

import pytest

from codekin.chunking import chunk_file, outline_of
from support.commands import run_codekin
from support.engines import open_indexed
from support.places import SAMPLE

NESTED = '''
class Outer:
    """Doc."""

    limit = 3

    def method(self):
        def helper(item):
            first = item
            second = first
            return second

        return helper

    class Inner:
        def deep(self): ...


def after():
    return Outer
'''


def shown(items):
    return [(depth, item.kind, item.name, item.line + 1) for top in items for depth, item in top.walk()]


def test_definitions_are_within_those_around_them():
    assert shown(outline_of("a.py", NESTED)) == [
        (0, "class", "Outer", 2),
        (1, "constant", "limit", 5),
        (1, "method", "method", 7),
        (2, "function", "helper", 8),
        (1, "class", "Inner", 15),
        (2, "method", "deep", 16),
        (0, "function", "after", 19),
    ]


@pytest.mark.parametrize(
    "path", sorted(path for path in SAMPLE.rglob("*") if path.is_file()), ids=lambda path: path.name
)
def test_it_has_the_definitions_of_the_index(path):
    text = path.read_text(encoding="utf-8")
    indexed = {(item.name, item.line) for chunk in chunk_file(path.name, text) for item in chunk.definitions}
    items = [item for top in outline_of(path.name, text) for _, item in top.walk()]
    assert {(item.name, item.line) for item in items} == indexed
    assert len(items) == len(indexed)
    assert all(item.start_line <= item.line < item.end_line for item in items)


def test_several_names_on_one_line_do_not_contain_each_other():
    items = outline_of("a.py", "LEFT, RIGHT = 1, 2\n")
    assert [item.children for item in items] == [()] * len(items)


async def test_the_engine_reads_the_file_as_it_is_now(sample):
    file = sample / "api/parcelpost/carriers.py"
    async with open_indexed(sample) as engine:
        file.write_text("def added_since():\n    pass\n")
        assert shown(await engine.outline(file)) == [(0, "function", "added_since", 1)]
        await engine.update_buffer(file, "def typed():\n    pass\n", 1)
        assert shown(await engine.outline(file)) == [(0, "function", "typed", 1)]


def test_the_command_prints_lines_and_json(sample):
    file = "api/parcelpost/carriers.py"
    lines = run_codekin("outline", file, cwd=sample, check=True).stdout.splitlines()
    assert any(line.startswith("11-") and line.endswith("function call_with_retry") for line in lines)
    shape = json.loads(run_codekin("outline", file, "--json", cwd=sample, check=True).stdout)
    assert shape["path"] == file
    assert next(item["line"] for item in shape["items"] if item["name"] == "call_with_retry") == 11


def test_a_file_without_definitions_and_a_binary_file(sample):
    (sample / "plain.txt").write_text("words\n")
    (sample / "data.bin").write_bytes(b"\0\1\2")
    empty = run_codekin("outline", "plain.txt", cwd=sample)
    assert (empty.returncode, empty.stdout) == (1, "")
    binary = run_codekin("outline", "data.bin", cwd=sample)
    assert binary.returncode == 2
    assert "data.bin has no outline" in binary.stderr
