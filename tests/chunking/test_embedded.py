"""Scripts within files are parsed in their own language, on the lines of the file."""

from __future__ import annotations

import pytest

from codekin.chunking import chunk_file, has_grammar
from codekin.chunking.outlines.embedded import scripts
from support.processor import bounded
from support.texts.kinds import KINDS


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.vue", KINDS["a.vue"][0], "save Component run total"),
        ("a.svelte", KINDS["a.svelte"][0], "load save"),
        ("a.astro", KINDS["a.astro"][0], "Props greet click"),
        ("a.razor", KINDS["a.razor"][0], "Title Increase Inner Reset"),
        ("a.cshtml", KINDS["a.cshtml"][0], "Format click"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_definitions_of_scripts_are_on_their_lines(path, text, names, end):
    chunks = chunk_file(path, text.replace("\n", end))
    found = [item for chunk in chunks for item in chunk.definitions]
    lines = text.split("\n")
    assert has_grammar(path, text)
    assert [item.name for item in found] == names.split()
    assert all(item.name in lines[item.line] for item in found)
    assert {chunk.language for chunk in chunks} == {path.replace(".cshtml", ".razor").partition(".")[2]}


def test_a_member_of_a_component_has_no_scope_but_its_own_class():
    text = (
        "@code {\n"
        + "".join(f"    void M{n}()\n    {{\n" + "        x++;\n" * 20 + "    }\n" for n in range(2))
        + "}\n"
    )
    assert [chunk.symbol for chunk in chunk_file("a.razor", text)[:2]] == ["M0", "M1"]


@pytest.mark.parametrize(
    "piece",
    [
        "<script ",
        "<script>",
        '<script a="',
        "<!--",
        "@code {",
        "@code {}\n",
        "/*",
        '"',
        "---\n",
        "@code" + " " * 40_000,
    ],
)
@pytest.mark.parametrize("path", ["vue", "astro", "razor"])
def test_time_is_linear_in_what_is_never_closed(path, piece):
    with bounded():
        scripts(path, piece * (400_000 // len(piece)))
