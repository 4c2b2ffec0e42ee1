"""Scripts within files are parsed in their own language, on the lines of the file."""

from __future__ import annotations

import time

import pytest

from codekin.chunking import chunk_file, has_grammar
from codekin.chunking.outlines.embedded import scripts

VUE = """<template>
  <b/>
</template>
<!-- <script>function hidden() {}</script> -->
<script lang="ts" generics="T extends Array<B>">
export default {
  methods: {
    save() {
      return 1
    },
  },
}
export class Component { run(): void {} }
</script>
<script setup lang='ts'>
const total = (parcel: Parcel) => {
  return parcel.weight
}
</script>
<script type="text/template"><b>function none() {}</b></script>
<style>
b { color: red }
</style>
"""
SVELTE = """<script context="module">
export function load() {}
</script>
<SCRIPT lang="ts">
function save(): void {}
</SCRIPT>
<h1>{title}</h1>
"""
ASTRO = """---
interface Props { title: string }
function greet(name: string) { return name }
---
<b>{title}</b>
<script>
function click(event: Event) {}
</script>
"""
RAZOR = """@page "/counter"
@* @code { void Hidden() {} } *@
<h1>@count</h1>
@code {
    private int count = 1; // }
    public string Title { get; set; } = "}";

    void Increase()
    {
        count++;
    }
    class Inner { void Reset() {} }
}
<p/>
"""
CSHTML = """@functions
{
    string Format(int a) { return ""; }
}
<script>
function click() {}
</script>
"""


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.vue", VUE, "save Component run total"),
        ("a.svelte", SVELTE, "load save"),
        ("a.astro", ASTRO, "Props greet click"),
        ("a.razor", RAZOR, "Title Increase Inner Reset"),
        ("a.cshtml", CSHTML, "Format click"),
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
    began = time.process_time()
    scripts(path, piece * (400_000 // len(piece)))
    assert time.process_time() - began < 2
