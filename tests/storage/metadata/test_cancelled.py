"""Indexing cancelled at any moment, and closed at once: what was stored stays, and nothing is embedded twice."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from codekin.config import load_config
from codekin.engine import Engine

MOMENTS = 12
_STEP_S = 0.008


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_cancelled_at_any_moment_nothing_is_embedded_twice(sample, metadata, monkeypatch, tmp_path):
    for number in range(100):
        (sample / f"more_{number}.py").write_text(f"def more_{number}():\n    return {number}\n" * 20)
    settings = {"embedder": "hashing", "metadata": metadata}
    embedded = 0
    for moment in range(MOMENTS):
        engine = await Engine.open(load_config(settings), [sample], watch=False)
        try:
            assert not engine.status().reasons
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(engine.index(), moment * _STEP_S)
        finally:
            await engine.close()
        embedded += engine.status().computed
    engine = await Engine.open(load_config(settings), [sample], watch=False)
    try:
        last = await engine.index()
    finally:
        await engine.close()
    monkeypatch.setenv("CODEKIN_HOME", str(tmp_path / "fresh"))
    engine = await Engine.open(load_config(settings), [sample], watch=False)
    try:
        fresh = await engine.index()
    finally:
        await engine.close()
    assert (last.files, last.chunks) == (fresh.files, fresh.chunks)
    assert embedded + last.embedded == fresh.embedded
