"""Names that are no UTF-8: a reason in the status, never an error."""

from __future__ import annotations

import os
import sys

import pytest

from codekin.domain.search import SearchRequest
from codekin.files.rules import NO_TEXT
from support.engines import engine_opener
from support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
ODD = os.fsdecode(b"odd\xff")


@pytest.fixture(params=["sqlite", "memory"])
async def engine_of(request):
    """Opens an engine on a folder; it is closed at the end of the test."""
    async with engine_opener(metadata=request.param) as opened:
        yield opened


def fill(root):
    """Create odd names of files, folders, links and ignored files."""
    root.mkdir(parents=True)
    (root / "good.py").write_text("def good():\n    return 1\n")
    (root / f"{ODD}.py").write_text("def odd():\n    return 1\n")
    (root / f"{ODD}.pyc").write_text("ignored by default")
    (root / f"{ODD}-link").symlink_to(root / "good.py")
    for folder in (f"{ODD}-folder", f"{ODD}-folder/node_modules"):
        (root / folder).mkdir()
        (root / folder / ".gitignore").write_text("*.log\n")
        (root / folder / "below.log").write_text("x")
        (root / folder / f"{ODD}.py").write_text("x = 1\n")


async def test_odd_names_are_left_out_with_a_reason(engine_of, tmp_path):
    root = tmp_path / "w"
    fill(root)
    engine = await engine_of(root)
    for _ in range(2):
        report = await engine.index()
        assert report.files == 1
        assert engine.status().skipped == {NO_TEXT: 3, "symbolic link": 1}
    assert NO_TEXT in engine.verdict(root / f"{ODD}.py")
    await engine.files_changed([root / f"{ODD}.py", root / f"{ODD}-folder"])
    await engine.update_buffer(root / f"{ODD}.py", "def odd():\n    return 2\n")
    (root / f"{ODD}.py").rename(root / "even.py")
    await engine.files_changed([root / f"{ODD}.py", root / "even.py"])
    assert engine.status().files == 2
    await engine.index()
    assert engine.status().skipped == {NO_TEXT: 2, "symbolic link": 1}


async def test_watching_goes_on_after_an_odd_name(engine_of, tmp_path):
    root = tmp_path / "w"
    fill(root)
    engine = await engine_of(root, watch=True)

    async def until_indexed(count):
        await until(lambda: engine.status().files == count and engine.coverage().complete)

    await until_indexed(1)
    (root / f"{ODD}-new.py").write_text("def odd():\n    return 1\n")
    (root / "new.py").write_text("def new():\n    return 1\n")
    await until_indexed(2)


async def test_root_with_an_odd_name_is_indexed(engine_of, tmp_path):
    root = tmp_path / ODD
    fill(root)
    engine = await engine_of(root)
    assert (await engine.index()).files == 1
    assert (await engine.search(SearchRequest("good"))).results[0].path == "good.py"
