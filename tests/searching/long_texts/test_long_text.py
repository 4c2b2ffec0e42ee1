"""The parts of a pasted text, and the files that it names."""

from __future__ import annotations

import pytest

from codekin.domain.search import LONGEST_QUERY
from codekin.searching.query.long_text import is_long, read_long_text
from codekin.searching.query.parsing import QueryKind, parse_query
from codekin.searching.snapshot.file_names import FileNames
from support.processor import bounded

ISSUE = """Cart total is wrong
<!-- Please search first.
-->
### Describe the bug
The `apply_discount` of the cart ignores "VatRate".

```python
cart = Cart()
```
Traceback (most recent call last):
  File "/opt/venv/lib/site-packages/shop/cart.py", line 12, in total
    return price * rate
ValueError: no rate

### Environment
- OS: Linux
- [x] I have searched
"""


def test_an_issue_is_taken_apart():
    read = read_long_text(ISSUE)
    assert read.title == "Cart total is wrong"
    for asked in ("ignores", "cart = Cart()", "line 12", "no rate"):
        assert asked in read.asked
    for noise in ("OS: Linux", "I have searched", "Environment", "Describe the bug", "most recent call last"):
        assert noise in read.noise
        assert noise not in read.asked
    assert "Please search" not in read.asked + read.noise
    assert read.quoted == ("apply_discount", "VatRate")


def test_noise_is_not_searched_unless_there_is_nothing_else():
    query = parse_query(ISSUE)
    assert "linux" not in query.words
    assert "discount" in query.words
    assert "linux" in parse_query("### Environment\n- OS: Linux\n- Version: 3").words
    assert "search" in parse_query("<!-- Please search first.\n-->").words
    assert parse_query("<!-- Please search first. -->\nTotal is wrong\nsince it rounds").title.text == "Total is wrong"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("### Describe the bug\n\nThe total is wrong. It rounds.\n### To Reproduce\nadd it", "The total is wrong."),
        ("## Retry fails on 503\nafter a minute", "## Retry fails on 503"),
        ("# Retry fails on 503\n## Describe the bug\n- [x] searched", "# Retry fails on 503"),
        ("### Prerequisites\n\n- [x] I searched\n\n### Describe the bug\nIt rounds", "It rounds"),
        ("Hi everyone,\nthe total is wrong", "the total is wrong"),
        ("Hidden files\nare indexed", "Hidden files"),
        ("Hello world fails\nafter a minute", "Hello world fails"),
        (ISSUE[ISSUE.index("Traceback") :], "ValueError: no rate"),
        ("### Environment\n- OS: Linux", "### Environment"),
        (
            'Traceback (most recent call last): File "a.py", line 3\nE: x',
            'Traceback (most recent call last): File "a.py", line 3',
        ),
        ("fix: rounding\n\nSigned-off-by: Ann", "fix: rounding"),
    ],
)
def test_the_title_is_the_first_line_that_says_something(text, title):
    assert read_long_text(text).title == title


@pytest.mark.parametrize(
    ("line", "path", "at"),
    [
        ("at total (/app/src/cart.ts:12:5)", "app/src/cart.ts", 11),
        ("at shop.Cart.total(Cart.java:40)", "Cart.java", 39),
        ("\t/go/src/shop/cart.go:7 +0x1d", "go/src/shop/cart.go", 6),
        ("  --> src/cart.rs:3:9", "src/cart.rs", 2),
        (r"at Shop.Cart.Total() in C:\src\Cart.cs:line 9", "C:/src/Cart.cs", -1),
        ("cart.rb:5:in 'total'", "cart.rb:5:in", None),
        (
            "see https://example.org/shop/blob/main/lib/cart.ex#L10-L20.",
            "https://example.org/shop/blob/main/lib/cart.ex",
            9,
        ),
        ("it is in lib/cart.php.", "lib/cart.php", -1),
    ],
)
def test_paths_of_frames_and_links(line, path, at):
    places = read_long_text(f"title\n{line}").places
    if at is None:
        assert path not in [place.path for place in places]
    else:
        assert (path, at) in [(place.path, place.line) for place in places]


def test_a_path_of_another_machine_is_that_with_the_longest_common_end():
    names = FileNames(["src/shop/cart.py", "lib/cart.py", "src/shop/__init__.py", "index.js", "web/index.js"])
    assert names.of_path("/opt/venv/shop/cart.py") == {0: 1}
    assert names.of_path("cart.py") == {0: 0.5, 1: 0.5}
    assert names.of_path("none.py") == {}
    assert names.of_module(["shop", "cart", "Cart", "total"]) == {0: 1}
    assert names.of_module(["src", "shop"]) == {2: 1}
    assert names.of_module(["cart"]) == {}
    assert names.of_stem("Cart") == {0: 0.5, 1: 0.5}


def test_long_queries_are_those_of_several_lines_or_many_words():
    assert not is_long("where is the retry logic of the client\n")
    assert is_long("title\nbody")
    assert is_long("word " * 21)
    query = parse_query(ISSUE)
    assert query.kind is QueryKind.LONG
    assert query.title is not None
    assert query.title.text == "Cart total is wrong"
    assert query.identifiers[:2] == ("apply_discount", "VatRate")


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 9_000,
        "a" * 90_000,
        "a.b" * 20_000,
        "`" * 30_000,
        "/" * 30_000,
        '"a ' * 9_000,
        "\n" * 40_000,
        "x:1" * 9_000,
        "# " + " " * 19_000 + "x",
    ],
)
def test_any_text_is_read_in_linear_time(text):
    with bounded():
        query = parse_query(f"title\n{text}")
    assert len(query.text) <= LONGEST_QUERY
