"""The documentation agrees with the code and keeps its own rules."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from docs.tools.reference import PAGES, REFERENCE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WRITTEN = sorted(page for page in DOCS.rglob("*.md") if page.name not in PAGES)
PROSE = [*WRITTEN, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]
NAMING_FILES = [*WRITTEN, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "server/ARCHITECTURE.md"]
NOT_WRAPPED = re.compile(r"^[ ]*```.*?^[ ]*```|^\|.*?$|^!\[.*?$|^- \[.*?$", re.MULTILINE | re.DOTALL)
LINK_TARGET = re.compile(r"\]\([^)]*\)")
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
    prose = LINK_TARGET.sub("]", NOT_WRAPPED.sub("", page.read_text(encoding="utf-8")))
    assert [line for line in prose.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("page", NAMING_FILES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_a_page_names_exist(page):
    """A path in backticks: of a test from the root, of a module from any folder above it."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    known = {"/" + path for path in tracked} | {f"/{parent}" for path in tracked for parent in Path(path).parents}
    named = re.findall(
        r"`((?:tests|server|client|docs|benchmarks)/[\w./-]+|[a-z_]+(?:/[a-z_]+)+\.py)`", page.read_text()
    )
    missing = {name for name in named if not any(path.endswith(f"/{name.rstrip('/')}") for path in known)}
    assert missing == set()
