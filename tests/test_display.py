"""Text for people: nothing invisible, nothing obeyed, one line."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from markdown_it import MarkdownIt

from codekin.display import code_span, json_line, markdown, short_sha, visible

VISIBLE = [
    ("plain", "plain"),
    ("Straße, 名前, имя, 😀, ﷽", "Straße, 名前, имя, 😀, ﷽"),
    ("a\nb\r\nc\td", "a\\nb\\r\\nc\\td"),
    ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
    ("\x9b31m", "\\x9b31m"),
    ("\x00\x7f\x85", "\\x00\\x7f\\x85"),
    ("admin\u202egpj.exe", "admin\\u202egpj.exe"),
    ("\u2066a\u2069\u200f\u200e\u061c", "\\u2066a\\u2069\\u200f\\u200e\\u061c"),
    ("a\u2028b\u2029", "a\\u2028b\\u2029"),
    ("pay\u200bload\u2060\ufeff\u00ad", "pay\\u200bload\\u2060\\ufeff\\xad"),
    ("ad\u200dmin\u200c", "ad\\u200dmin\\u200c"),
    ("x\u3164y\u115f\uffa0\u2800", "x\\u3164y\\u115f\\uffa0\\u2800"),
    ("x\ufe0f\U000e0041\U000e01ef", "x\\ufe0f\\U000e0041\\U000e01ef"),
    ("\udcff\ud800", "\\udcff\\ud800"),
    ("می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001
    ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
]


@pytest.mark.parametrize(("text", "shown"), VISIBLE)
def test_what_cannot_be_seen_is_an_escape(text, shown):
    assert visible(text) == shown
    assert visible(f"x{text}x", tabs=True).count("\t") == text.count("\t")


def test_every_control_direction_and_line_end_of_unicode_is_shown():
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        hidden = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        turns = unicodedata.bidirectional(character) in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
            "BN",
            "B",
            "S",
        )
        if hidden or (turns and unicodedata.category(character) == "Cf"):
            assert visible(f"a{character}b") != f"a{character}b", hex(code)
            assert len(visible(character).splitlines()) == 1


HOSTILE = [
    *("![x](https://tracker.example/p.png)", "[click](command:workbench.action.quit)", "<img src=https://e.example/x>"),
    *(
        "<script>alert(1)</script>",
        "https://e.example/",
        "www.e.example",
        "ann@e.example",
        "`code`",
        "``` fence",
        "**b** __i__ ~~s~~",
    ),
    *(
        "a](command:x)",
        "]: https://e.example",
        "\\[x](y)",
        "&lt;b&gt; &#x202e;",
        "# head\n# head",
        "- item\n\n- item",
        "a | b\n--|--",
        "$x$",
    ),
    *("1. item", "12) item", "---", "===", "+ item", "> quote"),
    *("![x][y]\n\n[y]: https://e.example", "<https://e.example>", "a`b``c```d", "` ", " `", "\u202e[x](y)"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_it_as_it_is(text):
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for shown, kind in ((markdown(text), "text"), (code_span(text), "code_inline")):
        for around in (f"- {shown}", f"- tests: {shown} (#5) `abc`", f"- x [{shown}](<file:///x>)"):
            tokens = [inner for token in parser.parse(around) for inner in (token.children or [token])]
            assert not {"image", "html_inline", "html_block", "heading_open", "fence", "table_open"} & {
                t.type for t in tokens
            }
            links = [token.attrGet("href") for token in tokens if token.type == "link_open"]
            assert links in ([], ["file:///x"])
            seen = "".join(token.content for token in tokens if token.type in ("text", "text_special", "code_inline"))
            assert visible(text).strip() in seen
            assert kind in {token.type for token in tokens}
    assert "s://" not in markdown(text)
    assert "www." not in markdown(text)


@pytest.mark.parametrize("text", [text for text, _ in VISIBLE])
def test_json_is_exact_on_one_line_and_hides_nothing(text):
    line = json_line({"text": text, "number": float("nan"), "more": [1.5, None, True]})
    assert json.loads(line, parse_constant=pytest.fail) == {"text": text, "number": None, "more": [1.5, None, True]}
    assert len(line.splitlines()) == 1
    assert not set(line) & set("\x1b\x7f\x9b\u202e\u200b\u2028\U000e0041")
    line.encode("utf-8")


def test_a_hash_is_shown_with_seven_digits():
    assert short_sha("9e831e915f0c6b9b3e0f4c7a2d1b5e6f7a8b9c0d") == "9e831e9"
