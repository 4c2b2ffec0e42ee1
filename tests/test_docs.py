"""The documentation agrees with the code and keeps its own rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.tools.reference import PAGES, REFERENCE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WRITTEN = sorted(page for page in DOCS.rglob("*.md") if page.name not in PAGES)
PROSE = [*WRITTEN, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]
NOT_WRAPPED = re.compile(r"^[ ]*```.*?^[ ]*```|^\|.*?$|^!\[.*?$|^- \[.*?$", re.MULTILINE | re.DOTALL)
READERS = re.compile(r"\b[Ff]or (people|everyone|teams|authors|contributors)\b")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES)
def test_generated_page_is_up_to_date(page):
    assert (REFERENCE / page).read_text(encoding="utf-8") == PAGES[page](), "run `python -m docs.tools.reference`"


@pytest.mark.parametrize("page", [*sorted(DOCS.rglob("*.md"))], ids=name)
def test_first_paragraph_says_who_needs_the_page(page):
    text = re.sub(r"<!--.*?-->\s*", "", page.read_text(encoding="utf-8"))
    title, paragraph, *_ = text.split("\n\n")
    assert title.startswith("# ")
    assert READERS.search(paragraph), paragraph


@pytest.mark.parametrize("page", PROSE, ids=name)
def test_prose_wraps_at_100_columns(page):
    prose = NOT_WRAPPED.sub("", page.read_text(encoding="utf-8"))
    assert [line for line in prose.splitlines() if len(line) > 100] == []
