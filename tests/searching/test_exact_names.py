"""A query that is a name or a heading, word for word, opens on it."""

from __future__ import annotations

import pytest

from codekin.domain.search import SearchRequest
from codekin.searching.query.parsing import parse_query
from codekin.searching.ranking.entire_names import entire_names
from support.engines import open_indexed

FILES = {
    "docs/faq.md": "# Questions\n\n## UnicodeEncodeError on Windows\n\nSet the encoding of the terminal.\n",
    "docs/changes.md": "# Changes\n\n## Version 8.2.0\n\nNew parser.\n\n## Version 8.1.6\n\nFixed the parser of 8.2.\n",
    "src/windows.py": "def encode_on_windows(error):\n    raise UnicodeEncodeError('windows', error)\n",
    "src/errors.py": "class UnicodeEncodeErrorOnWindows(Exception):\n    '''Unicode encode error, on windows.'''\n",
    "src/headers.py": "def forwarded_for(headers):\n    return headers['x-forwarded-for']\n",
    "config/headers.yaml": "headers:\n  X-Forwarded-For: yes\n",
    "src/version.py": "VERSION = (8, 2, 0)\n\n\ndef version():\n    return '.'.join(map(str, VERSION))\n",
}


@pytest.fixture
async def engine(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    async with open_indexed(tmp_path, embedder="static") as engine:
        yield engine


@pytest.mark.parametrize(
    ("query", "path", "line"),
    [
        ("UnicodeEncodeError on Windows", "docs/faq.md", 2),
        ("unicodeencodeerror on windows", "docs/faq.md", 2),
        ("Version 8.2.0", "docs/changes.md", 2),
        ("version 8.1.6", "docs/changes.md", 6),
        ("encode_on_windows", "src/windows.py", 0),
    ],
)
async def test_it_is_the_first_result_and_opens_there(engine, query, path, line):
    first = (await engine.search(SearchRequest(query, 1))).results[0]
    assert (first.path, first.focus.start_line) == (path, line)


def _component(name, export):
    hooks = "".join(f"  const value{number} = useHook({number});\n" for number in range(70))
    return f"import React from 'react';\n\nfunction {name}() {{\n{hooks}  return null;\n}}\n\n{export}\n"


COMPONENTS = {
    "ui/SharePopover.tsx": _component("SharePopover", "export default observer(SharePopover);"),
    "ui/NavLink.jsx": _component("NavLink", "export default React.memo(NavLink);"),
    "ui/commentForm.js": _component("commentForm", "module.exports = commentForm;"),
    "api/team_delete.py": "import api\n\n\ndef team_delete(team):\n"
    + "".join(f"    step_{number}(team)\n" for number in range(70))
    + "\n\napi.register(team_delete)\n",
}


@pytest.mark.parametrize(
    ("query", "path", "line"),
    [
        ("share popover", "ui/SharePopover.tsx", 2),
        ("nav link", "ui/NavLink.jsx", 2),
        ("Comment form", "ui/commentForm.js", 2),
        ("team delete", "api/team_delete.py", 3),
    ],
)
async def test_the_words_of_a_name_open_on_its_definition_and_not_on_its_export(tmp_path, query, path, line):
    for name, text in COMPONENTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    async with open_indexed(tmp_path, embedder="static") as engine:
        first = (await engine.search(SearchRequest(query, 1))).results[0]
    assert (first.path, first.focus.start_line) == (path, line)


async def test_a_part_of_a_heading_is_a_question_like_any_other(engine):
    first = (await engine.search(SearchRequest("encode error on windows", 1))).results[0]
    assert first.path.startswith("src/")


async def test_a_heading_of_two_plain_words_does_not_hide_the_code_about_them(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/api.md").write_text("# API\n\n## Template Rendering\n\nRenders a template.\n", encoding="utf-8")
    (tmp_path / "templating.py").write_text(
        'def render_template(name, **context):\n    """Render a template by its name."""\n    return name % context\n'
    )
    async with open_indexed(tmp_path, embedder="static") as engine:
        results = (await engine.search(SearchRequest("template rendering", 2))).results
    assert [item.path for item in results] == ["templating.py", "docs/api.md"]


@pytest.mark.parametrize(("name", "other"), [("parcel", "Parcel"), ("Parcel", "parcel")])
async def test_the_same_letter_case_counts_more(tmp_path, name, other):
    for file, defined in (("a.py", name), ("b.py", other)):
        (tmp_path / file).write_text(f"def {defined}(box):\n    return box\n", encoding="utf-8")
    async with open_indexed(tmp_path, embedder="static") as engine:
        (view,) = (view for view in engine.views() if not view.of_records)
        found = entire_names(view, parse_query(name), 10)
        strengths = {view.blocks[int(view.node_file[node])].record.path: value for node, value in found.items()}
        assert strengths == {"a.py": 1.0, "b.py": 0.9}
        assert (await engine.search(SearchRequest(name, 1))).results[0].path == "a.py"


async def test_no_place_is_returned_twice(tmp_path):
    text = "".join(f"def g{number}(x):\n    return g{number + 1}(x)\n\n" for number in range(400))
    (tmp_path / "many.py").write_text(text)
    async with open_indexed(tmp_path, embedder="static") as engine:
        for query in ("g80", "many.py:100"):
            response = await engine.search(SearchRequest(query, 100))
            places = [(item.path, item.kind, item.start_line) for item in response.results]
            assert len(places) > 10
            assert len(places) == len(set(places))
        assert response.results[0].start_line <= 99 < response.results[0].end_line
