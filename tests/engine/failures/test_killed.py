"""Fifty kills at random moments during indexing, changes and compaction.

The index is reopened after each, and equals a fresh one in the end.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from codekin.domain.search import SearchRequest
from support.engines import open_engine

KILLS = 50
WORK = textwrap.dedent(
    """
    import asyncio, random, sys
    from pathlib import Path
    from codekin.config import load_config
    from codekin.engine import Engine

    async def main():
        root = Path(sys.argv[1])
        engine = await Engine.open(load_config({"embedder": "hashing"}), [root], watch=False)
        print("open", flush=True)
        files = sorted(root.rglob("*.py"))
        for number in range(100_000):
            file = random.choice(files)
            file.write_text(f"def generated_{random.randrange(50)}():\\n    return {number}\\n" * random.randrange(1, 20))
            await engine.index(rebuild=number % 7 == 6)
            workspace = engine._roots.get(root).index
            workspace.parts.serving.vectors.compact()
            workspace.parts.lexical.compact()

    asyncio.run(main())
    """
)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_killed_at_fifty_moments(sample, tmp_path, monkeypatch):
    rng = random.Random(0)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, str(sample)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        opened_line = process.stdout.readline()
        assert opened_line == b"open\n", process.stderr.read().decode()
        time.sleep(rng.uniform(0, 0.25))  # the moment itself is what is random here
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    queries = ["generated_7", "where is the retry logic?", "rate limit", "return"]
    async with open_engine(sample) as engine:
        await engine.index()
        assert engine.coverage().complete
        survivor = [(await engine.search(SearchRequest(query))).results for query in queries]
    monkeypatch.setenv("CODEKIN_HOME", str(tmp_path / "fresh"))
    async with open_engine(sample) as engine:
        await engine.index()
        fresh = [(await engine.search(SearchRequest(query))).results for query in queries]
    for after, anew in zip(survivor, fresh, strict=True):
        assert [(item.path, item.start_line) for item in after] == [(item.path, item.start_line) for item in anew]
