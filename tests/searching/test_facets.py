"""Completion of filter values."""

from __future__ import annotations

from support.engines import open_engine
from support.git.repository import init_repository


async def test_values_of_the_workspace_with_their_counts(tmp_path):
    (tmp_path / "api" / "deep").mkdir(parents=True)
    for path in ("api/a.py", "api/deep/b.py", "c.go", ".hidden", "Makefile"):
        (tmp_path / path).write_text("package x\n\ndef f():\n    return 1\n")
    init_repository(tmp_path, "Begin")
    async with open_engine(tmp_path) as engine:
        await engine.index()
        known = await engine.facets_of()
    assert known.languages["python"] == 2
    assert known.languages["go"] == 1
    assert known.extensions == {"py": 2, "go": 1}
    assert known.folders == {"api": 2, "api/deep": 1}
    assert known.authors["Ann"] >= 5
    assert known.kinds["commit"] == 1
    assert {"code", "file", "directory"} <= set(known.kinds)


async def test_nothing_indexed_has_no_values(tmp_path):
    async with open_engine(tmp_path) as engine:
        known = await engine.facets_of()
    assert (known.languages, known.folders, known.kinds, known.authors) == ({}, {}, {}, {})
