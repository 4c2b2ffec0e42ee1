"""Headings of prose are sections, with their nesting, on their lines."""

from __future__ import annotations

import pytest

from codekin.chunking import chunk_file, split_lines
from codekin.chunking.outlines import outline
from support.texts.kinds import KINDS


def qualified(language, text):
    found = outline("", language, split_lines(text))
    return [(".".join((*item.scope, item.name)), item.line, item.end_line) for item in found]


def test_sections_of_markdown_nest_and_reach_to_the_next_of_their_level():
    assert qualified("markdown", KINDS["guide.md"][0]) == [
        ("Guide", 3, 28),
        ("Guide.Install", 7, 26),
        ("Guide.Install.By hand", 17, 26),
        ("Guide.Usage", 26, 28),
        ("Other", 28, 29),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "<h2>When is it released?</h2>",
        '<h2 name="release">\nWhen is it released?\n</h2>',
        '<H2 align="center"><a href="#">When is</a> it\n<b>released?</b></H2>',
    ],
)
def test_headings_in_html_are_sections_of_markdown(heading):
    text = f"# Questions\n\n{heading}\n\nNever.\n\n<h3><img src='logo.png'></h3>\n\n<h3>Not closed\n"
    assert [name for name, _, _ in qualified("markdown", text)] == ["Questions", "Questions.When is it released?"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("restructuredtext", KINDS["guide.rst"][0], ["Guide", "Guide.Install", "Guide.Install.By hand", "Guide.Usage"]),
        ("asciidoc", KINDS["guide.adoc"][0], ["Guide", "Guide.Install", "Guide.Install.By hand", "Guide.Usage"]),
        ("org", KINDS["guide.org"][0], ["Guide", "Guide.Install", "Guide.Install.By hand", "Guide.Usage", "Other"]),
    ],
)
def test_sections_of_other_markup(language, text, expected):
    found = qualified(language, text)
    assert [name for name, _, _ in found] == expected
    lines = text.split("\n")
    assert all(name.rpartition(".")[2] in lines[line] for name, line, _ in found)


def test_a_section_is_a_chunk_with_its_qualified_name():
    text = "Guide\n=====\n" + "word\n" * 20 + "\nInstall\n-------\n" + "step\n" * 20
    chunks = chunk_file("a.md", text)
    assert [(chunk.symbol, chunk.symbol_kind, chunk.start_line) for chunk in chunks] == [
        ("Guide", "section", 0),
        ("Guide.Install", "section", 23),
    ]
    assert [item.line for chunk in chunks for item in chunk.definitions] == [0, 23]


def test_a_list_above_a_heading_stays_in_its_own_section():
    text = "# One\n" + "* item\n" * 20 + "## Two\n" + "word\n" * 20
    assert [chunk.start_line for chunk in chunk_file("a.md", text)] == [0, 21]
