"""A million files without their contents: what does not embed, against the disk and in the index.

The files are empty, and the records name definitions that no file has, so postings, vectors and
exact search are not measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import machine
from benchmarks.speed.scan import create_files, walk
from codekin.chunking import language_of
from codekin.domain.search import Filters
from codekin.domain.values import Changes, Definition, FileRecord, Node, NodeKind
from codekin.embedding import open_embedder
from codekin.engine.stores.stored_columns import load_stored, write_columns_of
from codekin.files import Found, Rules, scan
from codekin.indexing import plan_pass, quick_changes
from codekin.searching import Catalog, Snapshot, facets_of, find_symbols
from codekin.searching.snapshot.filtering import node_mask
from codekin.storage import LexicalIndex, open_metadata, open_vectors

_WRITTEN_FILES = 5_000
_NODES = 3
_WORDS = ("read", "write", "parse", "open", "close", "find", "merge", "split", "cache", "retry", "token", "page")
_KEYS = 2**62
_ROUNDS = 3


def measure_monorepo(files: int, place: Path | None) -> dict[str, Any]:
    """Measure `files` files; `place` keeps folder and metadata for the next run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = place or Path(scratch)
        root, home = folder / "workspace", folder / "index"
        if not root.is_dir():
            root.mkdir(parents=True)
            create_files(root, files)
        report: dict[str, Any] = {"machine": machine(), "files": files}
        for part in _PARTS:
            if part != "write" or not home.is_dir():
                report[part] = _child(part, root, home)
                print(f"{part}: {report[part]}", file=sys.stderr, flush=True)
    return report


def _child(part: str, root: Path, home: Path) -> dict[str, Any]:
    """Run a part in its own process, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.speed.monorepo", part, str(root), str(home)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


async def _in_worker(work: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(work)


async def write(root: Path, home: Path) -> dict[str, Any]:
    """Write the metadata of all files, as a first index does, and then its columns."""
    home.mkdir(parents=True)
    times: dict[str, Any] = {}
    store = (await open_metadata(home, "sqlite")).store
    try:
        batch: list[FileRecord] = []
        began = time.process_time()
        for record in _records(root):
            batch.append(record)
            if len(batch) == _WRITTEN_FILES:
                await store.apply(Changes(written=tuple(batch)))
                batch = []
        await store.apply(Changes(written=tuple(batch)))
        times["metadata_s"] = round(time.process_time() - began, 1)
        began = time.process_time()
        index = await load_stored(home, store, _in_worker, writer=True)
        times["load_without_columns_s"] = round(time.process_time() - began, 1)
        began = time.process_time()
        await write_columns_of(
            home, store, _in_worker, index.generation, (index.files.records(), index.others.records())
        )
        times["columns_s"] = round(time.process_time() - began, 1)
    finally:
        await store.close()
    sizes = {file.name: round(file.stat().st_size / 1e6) for file in home.iterdir()}
    return {"processor_time": times, "disk_mb": sizes, "peak_mb": _peak_mb()}


async def compare(root: Path, home: Path) -> dict[str, Any]:
    """Compare the disk with the index: a plain walk, a pass without changes, and a quick check."""
    store = (await open_metadata(home, "sqlite")).store
    index = await load_stored(home, store, _in_worker, writer=False)
    known = index.files.records()
    report = {
        "walk": _timed(lambda: walk(root)),
        "plan_pass": _timed(lambda: plan_pass(root, Rules(root), known, frozenset(), lambda: False)),
        "quick_check": _timed(lambda: quick_changes(root, Rules(root), known, frozenset())),
    }
    await store.close()
    return {"ms": report, "peak_mb": _peak_mb()}


async def answer(root: Path, home: Path) -> dict[str, Any]:
    """Open the index, and use what needs neither vectors nor postings."""
    embedder = open_embedder("static")
    began = time.process_time()
    store = (await open_metadata(home, "sqlite", read_only=True)).store
    index = await load_stored(home, store, _in_worker, writer=False)
    catalog = Catalog(str(root))
    catalog.replace(index.files)
    vectors = open_vectors("flat", home / "vectors", dim=embedder.dim, embedder=embedder.name, writable=True).store
    lexical = LexicalIndex.open(home / "lexical", writable=True)
    view = catalog.view(embedder, vectors, lexical).built()
    opened_ms = (time.process_time() - began) * 1000
    opened_mb = _private_mb()
    report = {what: _timed(lambda use=use: use(view)) for what, use in _USES.items()}  # type: ignore[misc]
    await store.close()
    return {"open_ms": round(opened_ms, 1), "opened_mb": opened_mb, "ms": report, "private_mb": _private_mb()}


_USES: dict[str, Callable[[Snapshot], object]] = {
    "filter by path": lambda view: node_mask(view, Filters(paths=("user3/**",))),
    "filter by language": lambda view: node_mask(view, Filters(languages=("python",))),
    "filter by extension": lambda view: node_mask(view, Filters(extensions=("py",))),
    "filter by author": lambda view: node_mask(view, Filters(authors=("author 7",))),
    "filter by symbol kind": lambda view: node_mask(view, Filters(symbols=("function",))),
    "values for completion": lambda view: facets_of([view]),
    "symbols by name": lambda view: find_symbols([view], "retry_token_100", 20),
    "symbols by beginning": lambda view: find_symbols([view], "retry_tok", 20),
    "paths by part": lambda view: list(view.blocks.containing("parcel_4711")),
    "files by name": lambda view: view.file_names.of_path("lib/parcel_4711.py"),
    "demoted paths": lambda view: view.demoted,
}


def _records(root: Path) -> Iterator[FileRecord]:
    chance = random.Random(1)
    for number, item in enumerate(scan(root, Rules(root), lambda: False)):
        if isinstance(item, Found):
            whole = Node(chance.randrange(_KEYS), NodeKind.FILE, 0, 20)
            functions = [_function(chance, number, place) for place in range(1, _NODES)]
            yield FileRecord(
                path=item.path,
                language=language_of(item.path),
                size_bytes=item.size_bytes,
                mtime_ns=item.mtime_ns,
                digest=chance.randbytes(16),
                nodes=(whole, *functions),
                author=f"author {number % 50}",
                date=1_700_000_000 + number,
            )


def _function(chance: random.Random, file: int, place: int) -> Node:
    name = f"{chance.choice(_WORDS)}_{chance.choice(_WORDS)}_{file}"
    line = 10 * place
    return Node(
        chance.randrange(_KEYS), NodeKind.CODE, line, line + 8, name, "function", (Definition(name, "function", line),)
    )


def _timed(work: Callable[[], object]) -> dict[str, float]:
    """Return the processor time of the first use and the lowest of later ones, in ms."""
    times = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return {"first": round(times[0], 1), "again": round(min(times[1:]), 1)}


def _private_mb() -> int:
    return round(psutil.Process().memory_full_info().uss / 1e6)


def _peak_mb() -> int:
    import resource  # noqa: PLC0415 - not there on Windows

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


_PARTS: dict[str, Callable[[Path, Path], Awaitable[dict[str, Any]]]] = {
    "write": write,
    "compare": compare,
    "answer": answer,
}


if __name__ == "__main__":

    async def _part() -> dict[str, Any]:
        return await _PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))

    print(json.dumps(asyncio.run(_part())), flush=True)
    os._exit(0)
