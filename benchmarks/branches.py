"""`python -m benchmarks branches`: the cost of switching branches in a watched workspace."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from codekin.config import load_config
from codekin.engine import Engine
from codekin.searching import find_symbols

FILES = 1_000
DIFFERING = 20
_MOST_WAITED_S = 60.0
_STEP = FILES // DIFFERING


async def measure_branches() -> dict[str, Any]:
    """Measure a repository of 1,000 generated files, 20 of which differ on the branch `other`."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "workspace"
        make_repository(root)
        engine = await Engine.open(load_config({"home": str(Path(scratch) / "home")}), [root], watch=True)
        try:
            report = await engine.index()
            there = await switch(engine, root, "other", "quokka", 2)
            back = await switch(engine, root, "main", "wombat", 1)
        finally:
            await engine.close()
    return {
        "machine": machine(),
        "files": report.files,
        "differing": DIFFERING,
        "chunks": report.chunks,
        "first_index_s": round(report.seconds, 2),
        "switch": there,
        "switch_back": back,
    }


def make_repository(root: Path) -> None:
    """Create the repository.

    The first function of every 50th file mentions a wombat on `main` and a quokka on `other`.
    """
    root.mkdir()
    for number in range(FILES):
        _write(root, number, "wombat" if number % _STEP == 0 else "badger")
    git(root, "init", "-q", "-b", "main")
    _commit(root, "Begin")
    git(root, "switch", "-qc", "other")
    for number in range(0, FILES, _STEP):
        _write(root, number, "quokka")
    _commit(root, "Another animal")
    git(root, "switch", "-q", "main")


async def switch(engine: Engine, root: Path, branch: str, word: str, commits: int) -> dict[str, Any]:
    """Switch to a branch and measure git, and the time until all differing files are found by name.

    The embedded texts are counted after the commits of the branch are indexed as well.
    """
    before = engine.status().computed
    started = time.perf_counter()
    await asyncio.to_thread(git, root, "switch", "-q", branch)
    switched = time.perf_counter()
    await _until(lambda: len(find_symbols(engine.views(), word, FILES)) == DIFFERING)
    searchable = time.perf_counter()
    await _until(lambda: engine.status().commits == commits)
    return {
        "git_s": round(switched - started, 2),
        "searchable_s": round(searchable - switched, 2),
        "embedded": engine.status().computed - before,
    }


async def _until(done: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + _MOST_WAITED_S
    while not done():
        if time.perf_counter() > deadline:
            raise SystemExit(f"the index did not follow within {_MOST_WAITED_S:.0f} s")
        await asyncio.sleep(0.01)


def _write(root: Path, number: int, animal: str) -> None:
    bodies = [
        f"def {name}_{number}(cage):\n" + "".join(f"    cage.{name}_{step} = {number} + {step}\n" for step in range(12))
        for name in (animal, "feed", "clean")
    ]
    file = root / f"pen_{number % 25}" / f"animal_{number}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n\n".join(bodies), encoding="utf-8", newline="")


def _commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "-m", message)


def git(root: Path, *arguments: str) -> None:
    """Run git. Raises CalledProcessError."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)
