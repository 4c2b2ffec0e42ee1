"""`python -m benchmarks cluster`: saves and searches while nodes of Elasticsearch fail in turn.

An index has its vectors in a cluster of three nodes. One node after the other is killed, frozen or
restarted, each once the cluster is green again. Every search must be answered, and the text of
every save found at once. In the end the cluster must have every row, and no text may have been
embedded twice.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.synthetic import make_workspace
from codekin.config import Config, load_config
from codekin.domain.ports import Vectors
from codekin.domain.search import SearchRequest
from codekin.embedding import open_embedder
from codekin.embedding.static import StaticEmbedder
from codekin.engine import Engine
from codekin.engine.stores.location import location_of
from codekin.engine.stores.vector_space import open_named
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.remote.cached_store import CachedRemoteStore

_TESTS = Path(__file__).parents[2] / "tests"
_SAMPLE = Path(__file__).parents[2] / "sample_workspace"
_URL = "CODEKIN_ELASTICSEARCH_URL"
_STORE, _EMBEDDER = "elasticsearch", "static"
_CHUNKS = 2_000
_FAULT_S, _CALM_S = 10.0, 5.0
"""How long a node stays away, and how long all nodes work between two faults."""
_SETTLED_S = 180.0
_PAUSE_S = 0.1
_WORDS = ("walrus", "quokka", "narwhal", "lemur", "ocelot", "tapir", "wombat", "ibex")


async def measure_cluster(minutes: float, seed: int) -> dict[str, Any]:
    """Return the figures of one run."""
    sys.path.insert(0, str(_TESTS))
    from support.elasticsearch.cluster import cluster  # type: ignore[import-not-found]  # noqa: PLC0415 - a test's server

    with cluster() as nodes, tempfile.TemporaryDirectory() as scratch, _counted_texts() as embedded:
        os.environ[_URL] = ",".join(url for _, url in nodes)
        run = Run(Path(scratch), nodes, random.Random(seed), 60 * minutes)
        report = await run.report()
        # The path of a file is embedded with each save as a part of its record, and queries with
        # each search.
        expected = {*run.paths(), *QUERIES}
        twice = sum(count > 1 and text not in expected for text, count in embedded.items())
    return {"machine": machine(), "minutes": minutes, **report, "texts": len(embedded), "embedded_twice": twice}


class Run:
    """One run; `wrong` counts violations by name."""

    def __init__(self, base: Path, nodes: list[tuple[Any, str]], chance: random.Random, duration_s: float) -> None:
        self._root, self._nodes, self._chance = base / "workspace", nodes, chance
        self._config: Config = load_config(
            {"embedder": _EMBEDDER, "home": str(base / "home"), "watch": False, "vectors": _STORE}
        )
        self._duration_s = duration_s
        self._ends = 0.0
        self._save_ms: list[float] = []
        self._search_ms: list[float] = []
        self._faults: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()
        self._away = self._looked = 0

    def paths(self) -> set[str]:
        """Return the paths of the workspace."""
        return {path.relative_to(self._root).as_posix() for path in self._root.rglob("*")}

    async def report(self) -> dict[str, Any]:
        """Run, settle and compare."""
        make_workspace(_SAMPLE, self._root, _CHUNKS)
        engine = await Engine.open(self._config, [self._root], watch=False)
        try:
            await engine.index()
            self._ends = time.monotonic() + self._duration_s
            await asyncio.gather(self._save(engine), self._search(engine), self._fail())
            settled_s = await self._settle(engine)
        finally:
            await engine.close()
        return {
            "saves": len(self._save_ms),
            "save_and_find_ms": percentiles(self._save_ms),
            "searches": len(self._search_ms),
            "search_ms": percentiles(self._search_ms),
            "longest_search_ms": round(max(self._search_ms)),
            "faults": dict(self._faults),
            "answered_by_the_copy_share": round(self._away / max(1, self._looked), 3),
            "settled_s": round(settled_s, 1),
            "wrong": dict(self._wrong),
            **await asyncio.to_thread(self._compared),
        }

    async def _save(self, engine: Engine) -> None:
        """Save files with new text, each of which must be found at once."""
        files = [path for path in sorted(self._root.rglob("*.py")) if path.is_file()]
        for number in itertools.count():
            if time.monotonic() > self._ends:
                return
            file, name = self._chance.choice(files), f"{self._chance.choice(_WORDS)}_{number}"
            file.write_text(f"def {name}():\n    return '{name} in the {self._chance.choice(_WORDS)} enclosure'\n")
            began = time.perf_counter()
            await engine.files_changed([file])
            found = await engine.search(SearchRequest(name, mode="lexical", limit=1))
            self._save_ms.append((time.perf_counter() - began) * 1000)
            expected = file.relative_to(self._root).as_posix()
            self._wrong["saves not found"] += not found.results or found.results[0].path != expected
            await asyncio.sleep(_PAUSE_S)

    async def _search(self, engine: Engine) -> None:
        while time.monotonic() < self._ends:
            began = time.perf_counter()
            found = await engine.search(SearchRequest(self._chance.choice(QUERIES), mode="semantic", limit=10))
            self._search_ms.append((time.perf_counter() - began) * 1000)
            self._wrong["searches without an answer"] += not found.results
            self._looked += 1
            self._away += bool(_vectors(engine).problems)
            await asyncio.sleep(_PAUSE_S)

    async def _fail(self) -> None:
        """Let the nodes fail in turn, and wait each time until the cluster is green."""
        faults: list[Callable[[Any], None]] = [self._kill, self._freeze, self._restart]
        for number in itertools.count():
            await asyncio.sleep(_CALM_S)
            if time.monotonic() + _FAULT_S > self._ends:
                return
            server, url = self._nodes[number % len(self._nodes)]
            fault = faults[(number // len(self._nodes) + number) % len(faults)]
            await asyncio.to_thread(fault, server)
            self._faults[fault.__name__.strip("_")] += 1
            await asyncio.to_thread(_until_green, url)

    def _kill(self, server: Any) -> None:
        server.stop(signal.SIGKILL)
        time.sleep(_FAULT_S)
        server.start()

    def _freeze(self, server: Any) -> None:
        with server.frozen():
            time.sleep(_FAULT_S)

    def _restart(self, server: Any) -> None:
        server.stop()
        server.start()

    async def _settle(self, engine: Engine) -> float:
        """Return the seconds until the cluster has every change. Raises TimeoutError."""
        began = time.monotonic()
        while (vectors := _vectors(engine)).problems or vectors.queued:
            if time.monotonic() - began > _SETTLED_S:
                raise TimeoutError(f"{vectors.queued} changes are queued: {vectors.problems}")
            await asyncio.sleep(_PAUSE_S)
        return time.monotonic() - began

    def _compared(self) -> dict[str, Any]:
        """Compare the cluster with the local copy and with the metadata."""
        model = open_embedder(_EMBEDDER)
        place = location_of(self._config, self._root)
        store = open_named(place, model, _STORE, writable=False).store
        directory = place.vectors_directory(_STORE, model.name) / "copy"
        copy = FlatIndex.open(directory, dim=model.dim, embedder=model.name, writable=False, exact=True)
        keys = copy.keys()
        found, rows = store.get(keys)
        same = bool(found.all()) and np.array_equal(rows, copy.get(keys)[1])
        stored = len(store.keys())
        store.close()
        copy.close()
        command = [sys.executable, "-m", "codekin", "store", "sync", "--json", str(self._root)]
        environment = {"CODEKIN_HOME": self._config.home, "CODEKIN_VECTORS": _STORE, "CODEKIN_EMBEDDER": _EMBEDDER}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **environment})
        sync = json.loads(done.stdout)
        return {
            "rows": stored,
            "rows_equal_the_copy": same and stored == len(keys),
            "missing": sync["vectors"]["missing"],
        }


def _vectors(engine: Engine) -> CachedRemoteStore:
    vectors = engine.views()[0].backing.vectors
    assert isinstance(vectors, CachedRemoteStore)
    return vectors


def _until_green(url: str) -> None:
    from elasticsearch import Elasticsearch  # noqa: PLC0415 - an extra

    with Elasticsearch(url, request_timeout=_SETTLED_S) as client:
        client.cluster.health(wait_for_status="green", wait_for_nodes="3", timeout=f"{_SETTLED_S:g}s")


@contextmanager
def _counted_texts() -> Iterator[Counter[str]]:
    """Count how often each text is embedded in this process."""
    counts: Counter[str] = Counter()
    original = StaticEmbedder.embed_passages

    def counted(self: StaticEmbedder, texts: Any) -> Vectors:
        counts.update(texts)
        return original(self, texts)

    StaticEmbedder.embed_passages = counted  # type: ignore[method-assign]
    try:
        yield counts
    finally:
        StaticEmbedder.embed_passages = original  # type: ignore[method-assign]
