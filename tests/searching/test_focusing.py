"""Where results open: on the definition that was asked for, the line that answers, or the match."""

from __future__ import annotations

import pytest

from codekin.domain.search import SearchRequest
from support.engines import open_engine

SHIPPING = '''"""Parcels and their prices."""

import time


class Parcel:
    """A parcel on its way."""

    def __init__(self, weight):
        self.weight = weight

    def price(self, rates):
        """Return the price of a parcel in cents.

        The rate depends on the zone.
        """
        surcharge = 0
        if self.weight > 30:
            surcharge = rates["heavy parcel surcharge"]
        return rates[self.zone] + surcharge
'''
HEADER = """// Widgets of the user interface.
template <typename T>
class Widget
{
 public:
  void paint();
};
"""


@pytest.fixture
async def landing(tmp_path):
    """The text at the focus of the first result in a file, and its symbol."""
    root = tmp_path / "ws"
    root.mkdir()
    texts = {
        "shipping.py": SHIPPING,
        "widget.cpp": HEADER,
        "names.js": "// é😀\nexport const café = call('é😀', needle);\n",
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    async with open_engine(root) as engine:
        await engine.index()

        async def land(query, mode="hybrid"):
            result = (await engine.search(SearchRequest(query, 1, mode))).results[0]
            focus = result.focus
            line = texts[result.path].splitlines()[focus.start_line].encode("utf-16-le")
            selected = line[2 * focus.start_column : 2 * focus.end_column].decode("utf-16-le")
            return focus.start_line, selected, result.symbol

        yield land


@pytest.mark.parametrize(
    ("query", "line", "selected", "symbol"),
    [
        ("Parcel", 5, "Parcel", "Parcel"),
        ("price", 11, "price", "Parcel.price"),
        ("where is Parcel.price computed", 11, "price", "Parcel.price"),
        ("Widget", 2, "Widget", "Widget"),
    ],
)
async def test_a_name_opens_on_its_definition(landing, query, line, selected, symbol):
    assert await landing(query) == (line, selected, symbol)


async def test_a_sentence_opens_on_the_line_that_answers(landing):
    line, selected, symbol = await landing("surcharge for heavy parcels")
    assert (line, selected, symbol) == (18, "", "Parcel.price")


async def test_a_sentence_of_a_docstring_opens_on_the_definition_that_it_describes(landing):
    line, selected, symbol = await landing("the rate depends on the zone")
    assert (line, selected, symbol) == (11, "price", "Parcel.price")


PYTHON_FRAMES = """KeyError: 'heavy parcel surcharge'
Traceback (most recent call last):
  File "/srv/shop/shipping.py", line 7, in <module>
    parcel.price({})
  File "/srv/shop/shipping.py", line 19, in price
    surcharge = rates["heavy parcel surcharge"]
"""
NODE_FRAMES = """TypeError: needle is not defined
    at call (/srv/app/names.js:2:14)
    at main (/srv/app/index.js:9:1)
"""


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("shipping.py:12", 11),
        ("/srv/shop/shipping.py#L19", 18),
        (PYTHON_FRAMES, 18),
        (NODE_FRAMES, 1),
        ("widget.cpp(5)", 4),
    ],
)
async def test_a_named_line_is_where_the_result_opens(landing, query, line):
    assert (await landing(query))[0] == line


async def test_a_line_that_the_file_does_not_have_is_no_reason_to_fail(landing):
    assert (await landing("shipping.py:99999"))[0] >= 0


async def test_an_import_yields_to_the_definition_in_the_same_file(tmp_path):
    root = tmp_path / "ws"
    root.mkdir()
    filler = "".join(f"\n\ndef other_{n}():\n    return {n}\n" for n in range(60))
    text = (
        "from rates import quote\n"
        + "print(quote)  # quote quote quote\n" * 3
        + filler
        + "\n\ndef quote(x):\n    return x\n"
    )
    (root / "quotes.py").write_text(text)
    async with open_engine(root) as engine:
        await engine.index()
        result = (await engine.search(SearchRequest("quote", 1))).results[0]
        assert text.splitlines()[result.focus.start_line] == "def quote(x):"
        assert result.start_line <= result.focus.start_line < result.end_line


@pytest.mark.parametrize("mode", ["literal", "regex"])
async def test_a_match_is_selected_in_utf_16(landing, mode):
    assert await landing("needle", mode) == (1, "needle", "café")


async def test_a_match_of_several_lines_ends_where_it_ends(landing, tmp_path):
    async with open_engine(tmp_path / "ws") as engine:
        (result,) = (await engine.search(SearchRequest("class Widget\n{", 1, "literal"))).results
        assert result.focus.start_line == 2
        assert (result.focus.end_line, result.focus.end_column) == (3, 1)
