"""Completion of filter values."""

from __future__ import annotations

from codekin.config import load_config
from codekin.engine import Engine


async def test_values_of_the_workspace_with_their_counts(tmp_path, git):
    (tmp_path / "api" / "deep").mkdir(parents=True)
    for path in ("api/a.py", "api/deep/b.py", "c.go", ".hidden", "Makefile"):
        (tmp_path / path).write_text("package x\n\ndef f():\n    return 1\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Begin")
    engine = await Engine.open(load_config({"embedder": "hashing"}), [tmp_path], watch=False)
    try:
        await engine.index()
        known = await engine.facets_of()
    finally:
        await engine.close()
    assert known.languages["python"] == 2
    assert known.languages["go"] == 1
    assert known.extensions == {"py": 2, "go": 1}
    assert known.folders == {"api": 2, "api/deep": 1}
    assert known.authors["Ann"] >= 5
    assert known.kinds["commit"] == 1
    assert {"code", "file", "directory"} <= set(known.kinds)


async def test_an_empty_index_has_no_values(tmp_path):
    engine = await Engine.open(load_config({"embedder": "hashing"}), [tmp_path], watch=False)
    try:
        known = await engine.facets_of()
    finally:
        await engine.close()
    assert (known.languages, known.folders, known.kinds, known.authors) == ({}, {}, {}, {})
