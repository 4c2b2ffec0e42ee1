"""Move an index through all stores and back during searches, with kills and rollbacks."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.synthetic import make_workspace
from benchmarks.vector_stores.servers import started
from codekin.config import Config, load_config
from codekin.domain.search import SearchRequest
from codekin.embedding import open_embedder
from codekin.engine import Engine
from codekin.engine.admin.migration import PHASES, Migration, MigrationReport, Phase
from codekin.engine.stores.location import location_of
from codekin.engine.stores.vector_space import open_named

JOURNEY = ("flat", "lancedb", "sqlite-vec", "pgvector", "redis", "flat")
EMBEDDER = "static"
"""Not the hashing embedder, which gives many chunks the same cosine.

Which of them become candidates would then depend on a store's rounding.
"""
_ROWS_PER_S = 25_000
"""Estimated speed of a phase, from which the moment of a kill is drawn."""
_PATIENCE_S = 300
_PAUSE_S = 0.2
_ASKED = QUERIES[:5]
Answers = tuple[tuple[tuple[str, int, float], ...], ...]


@dataclass(slots=True)
class Traveller:
    """The engine that answers all the while, and what was observed."""

    config: Config
    root: Path
    engine: Engine
    chance: random.Random
    rows: int = 0
    expected: tuple[Answers, ...] = ()
    search_ms: list[float] = field(default_factory=list)
    other_answers: int = 0
    kills: dict[str, str] = field(default_factory=dict)
    peak_bytes: int = 0

    async def answers(self) -> Answers:
        """Return the best ten results of each query by meaning alone.

        They depend on the vectors only.
        """
        found = []
        for query in _ASKED:
            began = time.perf_counter()
            response = await self.engine.search(SearchRequest(query, mode="semantic", limit=10))
            self.search_ms.append((time.perf_counter() - began) * 1000)
            found.append(tuple((item.path, item.start_line, round(item.score, 4)) for item in response.results))
        return tuple(found)

    async def ask(self) -> None:
        """Search until cancelled; any failure ends the benchmark."""
        while True:
            self.other_answers += await self.answers() not in self.expected
            await asyncio.sleep(_PAUSE_S)

    async def move(self, source: str, target: str, until: Phase) -> MigrationReport:
        """Migrate in this process, to keep the benchmark short."""
        return await asyncio.to_thread(self.migration().migrate, source, target, until)

    def migration(self) -> Migration:
        """Return the migration of the searched index."""
        return Migration(self.config, self.root, lambda *_: None)

    async def killed(self, source: str, target: str, until: Phase) -> None:
        """Migrate by the command line and kill it at a random moment of a phase.

        It may also end before that.
        """
        command = ("store", "migrate", "--from", source, "--to", target, "--until", until, str(self.root))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "codekin", *command),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "CODEKIN_HOME": self.config.home, "CODEKIN_EMBEDDER": self.config.embedder},
        )
        watching = asyncio.create_task(self._watch_memory(process.pid))
        await self._kill(process, until)
        watching.cancel()

    async def _kill(self, process: asyncio.subprocess.Process, until: Phase) -> None:
        """Kill the process during a phase.

        A switch reports no progress of its own; it comes at the end of a comparison.
        """
        reading, prefix = process.stderr, "compare" if until == "switch" else until
        while reading and (line := await reading.readline()):
            if line.startswith(f"{prefix}:".encode()):
                break
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), self.chance.uniform(0, self.rows / _ROWS_PER_S))
        if process.returncode is None:
            process.kill()
        if reading:
            await reading.read()
        self.kills[until] = "done before" if await process.wait() == 0 else "killed"

    async def _watch_memory(self, pid: int) -> None:
        with suppress(psutil.Error):
            while True:
                self.peak_bytes = max(self.peak_bytes, psutil.Process(pid).memory_info().rss)
                await asyncio.sleep(0.05)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait for a condition. Raises TimeoutError."""
        deadline = time.monotonic() + _PATIENCE_S
        while not await condition():
            if time.monotonic() > deadline:
                raise TimeoutError
            await asyncio.sleep(_PAUSE_S)

    async def served_by(self, store: str) -> bool:
        """Return whether a store answers now."""
        return self.engine.status().stores["vectors"].active == store


async def journey(root: Path, home: Path, *, kills: int = len(PHASES), seed: int = 0) -> dict[str, Any]:
    """Move an index through all stores and return the figures.

    `kills` phases of each step are killed. The addresses of the servers are in the environment.
    Raises RuntimeError, TimeoutError.
    """
    config = load_config({"embedder": EMBEDDER, "home": str(home), "watch": False})
    engine = await Engine.open(config, [root], watch=True)
    try:
        await engine.index()
        before = digest_of(config, root, JOURNEY[0])
        traveller = Traveller(config, root, engine, random.Random(seed), before["rows"])
        computed = engine.status().computed
        steps = []
        for source, target in itertools.pairwise(JOURNEY):
            steps.append(await _step(traveller, source, target, traveller.chance.sample(PHASES, kills)))
            print(json.dumps(steps[-1]), file=sys.stderr, flush=True)  # all steps may take an hour
        return {
            "rows": before["rows"],
            "vectors_identical": digest_of(config, root, JOURNEY[-1]) == before,
            "overlap": min(step["overlap"] for step in steps),
            "embedded": engine.status().computed - computed,
            "reasons": list(engine.status().reasons),
            "migrating_process_mb": round(traveller.peak_bytes / 1e6),
            "steps": steps,
        }
    finally:
        await engine.close()


async def _step(traveller: Traveller, source: str, target: str, killed: Sequence[Phase]) -> dict[str, Any]:
    """Make one move: complete and undo every phase, and at the end switch to the target.

    Some of the phases are killed and resumed.
    """
    began = time.perf_counter()
    traveller.search_ms, traveller.kills, traveller.other_answers = [], {}, 0
    old = await traveller.answers()
    traveller.expected = (old,)
    if target == JOURNEY[0]:  # otherwise the earlier rows would leave nothing to copy
        place = location_of(traveller.config, traveller.root)
        shutil.rmtree(place.vectors_directory(target, open_embedder(EMBEDDER).name))
    asking = asyncio.create_task(traveller.ask())
    restored = {}
    try:
        for phase in PHASES:
            if phase in killed:
                await traveller.killed(source, target, phase)
            await traveller.move(source, target, phase)
            if phase == "switch":
                await traveller.until(lambda: traveller.served_by(target))
                traveller.expected = (old, await traveller.answers())
            if phase != "backfill":  # a backfill changes nothing that could be undone
                await asyncio.to_thread(traveller.migration().rollback)
                await traveller.until(lambda: traveller.served_by(source))
            restored[phase] = await traveller.answers() == old
        compared = (await traveller.move(source, target, "switch")).comparison
        await asyncio.to_thread(traveller.migration().finish)
        await traveller.until(lambda: traveller.served_by(target))
        new = await traveller.answers()
    finally:
        asking.cancel()
        outcome = await asyncio.gather(asking, return_exceptions=True)
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return {
        "from": source,
        "to": target,
        "kills": traveller.kills,
        "rollback_restored": restored,
        "same_answers_after": new == old,
        "compared": asdict(compared) if compared else {},
        "overlap": compared.overlap if compared else 0.0,
        "searches": len(traveller.search_ms),
        "searches_with_other_answers": traveller.other_answers,
        "search_ms": {**percentiles(traveller.search_ms), "longest": round(max(traveller.search_ms), 1)},
        "wall_s": round(time.perf_counter() - began, 1),
    }


def digest_of(config: Config, root: Path, store: str) -> dict[str, Any]:
    """Return the number of rows and a digest of all keys and rows of a store, read from outside."""
    opened = open_named(location_of(config, root), open_embedder(config.embedder), store, writable=False).store
    try:
        keys = opened.keys()
        digest = hashlib.blake2b(keys.tobytes(), digest_size=16)
        digest.update(opened.get(keys)[1].tobytes())
        return {"rows": len(keys), "digest": digest.hexdigest()}
    finally:
        opened.close()


def measure_migration(source: Path, rows: int) -> dict[str, Any]:
    """Measure a workspace of about `rows` chunks."""
    with tempfile.TemporaryDirectory() as scratch, started("pgvector", "redis"):
        root = Path(scratch) / "workspace"
        make_workspace(source, root, rows)
        report = asyncio.run(journey(root, Path(scratch) / "home"))
        return {"machine": machine(), **report}
