"""Private words of earlier versions do not return to the code, the messages and the documentation.

Each of them has a term of the field or plain English instead.
"""

from __future__ import annotations

import ast
import re

import pytest

from support.places import ROOT

WORDS = {
    "kin": "similar code",
    "aside(?! from)": "quarantined, stored separately",
    "sets? aside": "quarantined",
    "news": "changes, messages",
    "ledgers?": "log, record",
    "keepers?": "owner, store",
    "census": "count, statistics",
    "tend(?:s|ed|ing)?": "maintain, retry",
    "shelter(?:s|ed)?": "cache, fallback",
    "remed(?:y|ies)": "to fix",
    "so many": "maximum number",
    "(?:is|are|was|were|to) (?:to )?be had": "is available",
    "look(?:s|ed|ing)? through": "scan",
    "tak(?:e|es|en|ing) in again": "index again",
    "anew": "again, rebuilt",
    "unnamed": "orphaned",
    "files? (?:which |that )?yields?": "demoted",
    "yielding files?": "demoted",
    "whoever": "the process, the user",
    "told": "reported, printed",
    "lies|lie": "is",
    "at the most": "maximum",
    "mend(?:s|ed|ing)?": "repair",
    "what is no(?! longer)": "anything that is not",
}
"""Regular expressions of words in identifiers and text, and what to write instead."""
MESSAGE_WORDS = {"of which": "a second sentence"}
"""Words that only messages may not contain."""
EXCEPTIONS = {
    r"\bset_aside(?:_chunks)?\b": "keys of `codekin store sync --json` and of the metadata, which older versions read",
    r"(?<=[\"`{ ])unnamed(?=[\"`:}])": "a key of `codekin store sync --json`, which scripts read",
    r"</?aside\b": "an element of HTML",
    r"(?<=[\"|])news(?=[\"|])": "a name of change logs",
    r"`kin_best`": "a removed key that the changelog names",
}
"""Text that is not searched, with the reason."""
MODULES = sorted((ROOT / "server/codekin").rglob("*.py"))
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "server/ARCHITECTURE.md")
SEARCHED = [
    *MODULES,
    *sorted((ROOT / "client/src").rglob("*.ts")),
    *sorted(path for path in (ROOT / "docs").rglob("*") if path.suffix in {".md", ".py", ".lua", ".el"}),
    *(ROOT / name for name in ("package.nls.json", *PAGES)),
]


def found_words(text, words=WORDS):
    """Return (line, word) of each word, with identifiers split into their words."""
    for exception in EXCEPTIONS:
        text = re.sub(exception, "", text)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", text)
    # A phrase may be wrapped, within a comment too.
    phrases = "|".join(words).replace(" ", r"[\s#*/]+")
    pattern = re.compile(rf"\b(?:{phrases})\b", re.IGNORECASE)
    return [(split.count("\n", 0, match.start()) + 1, match[0]) for match in pattern.finditer(split)]


def messages(source):
    """Return the strings of a module that are not docstrings, with the line of each."""
    tree = ast.parse(source)
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documented)
    return [(node.lineno, node.value) for node in strings if isinstance(node.value, str)]


@pytest.mark.parametrize("path", SEARCHED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_private_word(path):
    assert found_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_message_hangs_a_clause_on_another(path):
    spoken = messages(path.read_text(encoding="utf-8"))
    assert [(line, text) for line, text in spoken if found_words(text, MESSAGE_WORDS)] == []


@pytest.mark.parametrize(
    "text", ["kin_best = 1", "class SetAside:", "tending", "Remedy: none", "it told\nnobody", "the newest so many"]
)
def test_words_are_found_in_identifiers_and_text(text):
    assert found_words(text)


@pytest.mark.parametrize("text", ["codekin", "aside from that", "attend", "believes", '"set_aside": []', "`unnamed`"])
def test_other_words_are_not(text):
    assert found_words(text) == []


def test_a_message_is_no_docstring():
    source = '"""Docs of which."""\ntext = f"{count} files, of which {few} failed"\n'
    assert [line for line, text in messages(source) if found_words(text, MESSAGE_WORDS)] == [2]


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_every_exception_is_needed(exception):
    assert any(re.search(exception, path.read_text(encoding="utf-8")) for path in SEARCHED)
