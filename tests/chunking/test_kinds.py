"""Definitions in the kinds of file beside the usual programming languages, also in damaged text."""

from __future__ import annotations

import random

import pytest

from codekin.chunking import chunk_file, language_of, split_lines
from codekin.chunking.chunker import chunked
from codekin.chunking.finding import found_in
from codekin.files import Source, shown_text, source_of
from support.processor import bounded
from support.texts.chunks import check_cover, mutated
from support.texts.kinds import KINDS

MUTATIONS = 300


def qualified(path, text):
    text = shown_text(path, text)
    lines = split_lines(text)
    found = found_in(path, text, language_of(path, lines[0]), lines, 5)
    ordered = sorted(found, key=lambda item: (item.start_line, -item.end_line))
    return [f"{'.'.join((*item.scope, item.name))}:{item.line + 1}" for item in ordered]


@pytest.mark.parametrize("path", KINDS)
def test_definitions_of_each_kind_of_file(path):
    text, expected = KINDS[path]
    assert qualified(path, text) == expected.splitlines()
    check_cover(path, shown_text(path, text))


@pytest.mark.parametrize("path", KINDS)
def test_definitions_are_the_same_with_the_line_ends_of_windows(path):
    text, expected = KINDS[path]
    assert qualified(path, text.replace("\n", "\r\n")) == expected.splitlines()


def test_keys_of_other_settings_are_no_definitions():
    assert qualified("values.yaml", "image:\n  name: web\nservices:\n  web: 1\n") == []
    assert qualified("tsconfig.json", '{"scripts": {"build": "tsc"}}') == []


def test_a_table_is_a_chunk_that_bears_its_name():
    text = "".join(f"CREATE TABLE t{n} (\n" + "  a int,\n" * 12 + "  b int\n);\n\n" for n in range(3))
    assert [chunk.symbol for chunk in chunk_file("a.sql", text)] == ["t0", "t1", "t2"]


def test_the_comment_above_a_service_is_in_its_chunk():
    service = "  # serves pages\n  web:\n" + "    image: x\n" * 14
    chunks = chunk_file("compose.yaml", "services:\n" + "  db:\n" + "    image: y\n" * 14 + service)
    assert chunks[-1].symbol == "services.web"
    assert chunks[-1].text.startswith("  # serves pages\n  web:\n")


def mutate(seed, count):
    """Check `count` mutated texts of all kinds, each as it is read from a file."""
    draw = random.Random(seed)
    names = sorted(KINDS)
    for _ in range(count):
        name, other = draw.choice(names), draw.choice(names)
        data = mutated(draw, KINDS[name][0].encode(), KINDS[other][0].encode())
        source = source_of(name, data)
        if isinstance(source, Source):
            check_cover(name, source.text)


def test_mutated_texts_raise_nothing_and_lose_no_line():
    mutate(7, MUTATIONS)


HOSTILE = ["{", "(", "a {\n", '"', "'", "/*", "$$", "create table ", "create function f\n", "  a: ", "a:\n", "[", "[[a", "<script>",
           "\\\n", " ", " \n", "#", "```\n", "=", "==\n", "* ", "from x as y\n", "define x\n", "(defn ", "function(", "a=", '\\"']  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear_in_hostile_texts(piece):
    text = piece * (120_000 // len(piece))
    paths = ("a.md", "a.rst", "a.adoc", "a.org", "a.sql", "a.proto", "a.graphql", "a.tf", "Dockerfile", "Makefile", "justfile",
             "a.cmake", "a.toml", "compose.yaml", ".gitlab-ci.yml", "package.json", "a.vue", "a.razor", "a.ipynb")  # fmt: skip
    for path in paths:
        with bounded():
            assert not chunked(path, text).trouble, path


def test_a_perl_text_for_which_the_bundled_grammar_does_not_return_is_read_by_lines():
    text = "class A {end#//U'::[Jclass A {module\n=pod\nsub no {}\n=cut\nsub yes {\n}\n__END__\nsub no {}\n"
    names = [item.name for chunk in chunk_file("a.pl", text) for item in chunk.definitions]
    assert names == ["A", "yes"]
