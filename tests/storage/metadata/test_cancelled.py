"""Indexing cancelled at any moment: stored data stays, and nothing is embedded twice."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from support.engines import open_engine

MOMENTS = 12
_STEP_S = 0.008


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_cancelled_at_any_moment_nothing_is_embedded_twice(sample, metadata, monkeypatch, tmp_path):
    for number in range(100):
        (sample / f"more_{number}.py").write_text(f"def more_{number}():\n    return {number}\n" * 20)
    settings = {"embedder": "hashing", "metadata": metadata}
    embedded = 0
    for moment in range(MOMENTS):
        async with open_engine(sample, **settings) as engine:
            assert not engine.status().reasons
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(engine.index(), moment * _STEP_S)
        embedded += engine.status().computed
    async with open_engine(sample, **settings) as engine:
        last = await engine.index()
    monkeypatch.setenv("CODEKIN_HOME", str(tmp_path / "fresh"))
    async with open_engine(sample, **settings) as engine:
        fresh = await engine.index()
    assert (last.files, last.chunks) == (fresh.files, fresh.chunks)
    assert embedded + last.embedded == fresh.embedded
