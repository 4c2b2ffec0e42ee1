"""`python -m benchmarks torture`: everything at once, with planned failures.

Two language servers, three command lines and one MCP server share one index while files are edited,
renamed and deleted, branches are switched, buffers are typed into, processes are killed, and calls
of stores and threads raise. Then everything stops: every client must give the answers of a fresh
index, no lock may be held, and no partial file may remain.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import filelock

from benchmarks.machine import machine
from benchmarks.robustness.peer import ANSWER_S, Peer
from benchmarks.synthetic import make_workspace
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine

_SAMPLE = Path(__file__).parents[2] / "sample_workspace"
_CHUNKS = 1_500
_RATE = 0.002
"""Share of the wrapped calls that raise."""
_CALM_S = 15.0
"""Time before the end in which nothing raises, so that failed work is repeated."""
_SETTLED_S = 180.0
_LATE_S = 10.0
_GRACE_S = 3.0
"""Time in which a change is reported by the system and collected.

Only then must a server with the status `ready` know the change.
"""
_QUERIES = ("where is the retry logic?", "rate limit", "parse a price", "token bucket", "def main", "weigh the parcel")


class Torture:
    """One run. `done` counts actions and `wrong` violations."""

    def __init__(self, base: Path, minutes: float, seed: int) -> None:
        self.root, self.home = base / "workspace", base / "home"
        self.done: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self._seed = seed
        self._random = random.Random(seed)
        self._starts = itertools.count(seed * 1_000)
        self._ends = time.time() + 60 * minutes
        self._faults_end = self._ends - min(_CALM_S, 15 * minutes)
        self._errors = (base / "errors.txt").open("ab")

    @property
    def live(self) -> bool:
        """Whether the run continues."""
        return time.time() < self._ends

    async def run(self) -> dict[str, Any]:
        """Run everything, let it settle, and compare."""
        make_workspace(_SAMPLE, self.root, _CHUNKS)
        self._git("init", "-q", "-b", "main")
        self._commit("Begin")
        self._git("switch", "-qc", "other")
        self._edit(20)
        self._commit("Another branch")
        self._git("switch", "-q", "main")
        work = [self._editor(), self._server("A"), self._server("B"), self._agent(), self._prober()]
        await asyncio.gather(*work, *(self._command_line() for _ in range(3)))
        differ = await self._compare()
        self._errors.close()
        locks = [path.name for path in self.home.rglob("*.lock") if not _is_free(path)]
        partial = [path.name for path in self.home.rglob("*.partial")]
        return {
            "machine": machine(),
            "seed": self._seed,
            "did": dict(self.done),
            "wrong": dict(self.wrong),
            "differ_from_a_fresh_index": differ,
            "locks_held": locks,
            "partial_files": partial,
        }

    async def _editor(self) -> None:
        turn = 0
        while self.live:
            turn += 1
            await asyncio.to_thread(self._edit, self._random.choice((1, 1, 1, 2, 5)))
            if turn % 40 == 0:
                await asyncio.to_thread(self._switch)
            await asyncio.sleep(self._random.uniform(0.05, 0.4))

    def _files(self) -> list[Path]:
        """Return all Python files, even while a switch of branches removes some."""
        return sorted(
            Path(folder) / name
            for folder, _, names in os.walk(self.root)
            for name in names
            if name.endswith(".py") and ".git" not in Path(folder).parts
        )

    def _edit(self, count: int) -> None:
        files = [path for path in self._files() if "probe" not in path.name]
        for _ in range(count):
            file, number = self._random.choice(files), self._random.randrange(10**9)
            what = self._random.choice("eeeeand")
            with suppress(OSError):
                if what == "e":
                    file.write_text(f"# note {number}\n{file.read_text()}")
                elif what == "a":
                    file.with_name(f"added_{number}.py").write_text(f"def added_{number}():\n    return {number}\n")
                elif what == "n":
                    file.rename(file.with_name(f"renamed_{number}.py"))
                elif len(files) > 100:
                    file.unlink()
            self.done["edits"] += 1

    def _switch(self) -> None:
        self._commit(f"Work {self.done['switches']}")
        branch = "other" if self.done["switches"] % 2 == 0 else "main"
        self._git("switch", "-qf", branch)
        self.done["switches"] += 1

    async def _server(self, name: str) -> None:
        while self.live:
            peer = await self._start("serve")
            try:
                await self._serve(peer, name)
                kill = self.live and self._random.random() < 0.5
                status = await peer.end(kill=kill)
                self.done["killed" if kill else "closed"] += 1
                if not kill and status not in (0, 1):
                    self.wrong[f"a server ended with {status}"] += 1
            except (ConnectionError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
                self.wrong[f"server {name}: {type(error).__name__}"] += 1
                await peer.end(kill=True)

    async def _serve(self, peer: Peer, name: str) -> None:
        await peer.ask("initialize", {"processId": None, "rootUri": self.root.as_uri(), "capabilities": {}})
        peer.notify("initialized", {})
        until = time.time() + self._random.uniform(15, 45)
        while self.live and time.time() < until:
            answer = await peer.ask("codekin/search", {"query": self._random.choice(_QUERIES)})
            self._take_note(name, answer)
            await self._type(peer)
            await asyncio.sleep(self._random.uniform(0.05, 0.4))

    async def _type(self, peer: Peer) -> None:
        file = self._random.choice(self._files())
        uri, version = file.as_uri(), self._random.randrange(1, 5)
        text = f"def typed_{self._random.randrange(10**6)}():\n    return 1\n"
        document = {"uri": uri, "languageId": "python", "version": version, "text": text}
        peer.notify("textDocument/didOpen", {"textDocument": document})
        for _ in range(self._random.randrange(3)):
            version += 1
            changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text * version}]}
            peer.notify("textDocument/didChange", changed)
            await asyncio.sleep(self._random.uniform(0, 0.3))
        if self._random.random() < 0.3:
            peer.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        peer.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self.done["buffers"] += 1

    def _take_note(self, who: str, answer: Any) -> None:
        self.done["searches"] += 1
        if "error" in answer and time.time() > self._faults_end + 1:
            self.wrong[f"{who}: {answer['error']['message'][:120]}"] += 1

    async def _prober(self) -> None:
        """Write a name that nothing else uses; once a server is `ready`, it must find that name."""
        while self.live:
            peer = await self._start("serve", faults=False)
            await peer.ask("initialize", {"processId": None, "rootUri": self.root.as_uri(), "capabilities": {}})
            peer.notify("initialized", {})
            until = time.time() + 30
            while self.live and time.time() < until:
                await self._probe(peer)
            await peer.end(kill=False)

    async def _looked(self, peer: Peer, number: int) -> tuple[bool, bool]:
        """Ask whether the server is ready, then whether it finds the name; return both."""
        status = (await peer.ask("codekin/status", {}))["result"]
        answer = await peer.ask("codekin/search", {"query": f"probe_{number}", "mode": "lexical"})
        results = answer.get("result", {"results": []})["results"]
        return status["state"] == "ready", any(item["symbol"] == f"probe_{number}" for item in results)

    async def _probe(self, peer: Peer) -> None:
        number = next(self._starts)
        (self.root / "probe.py").write_text(f"def probe_{number}():\n    return {number}\n")
        await asyncio.sleep(_GRACE_S)
        ready, found = await self._looked(peer, number)
        if ready and not found and self._holds(number):
            await asyncio.sleep(
                _LATE_S
            )  # on a machine that is overloaded, the system itself reports a change this late
            ready, found = await self._looked(peer, number)
        self.done[f"probes, {'found' if found else 'not found'}, {'ready' if ready else 'not ready'}"] += 1
        if ready and not found and self._holds(number):
            self.wrong["ready, and not found"] += 1

    def _holds(self, number: int) -> bool:
        """Return whether the file is unchanged: a switch of branches may have replaced it."""
        file = self.root / "probe.py"
        return file.exists() and f"probe_{number}" in file.read_text()

    async def _command_line(self) -> None:
        while self.live:
            arguments = self._random.choice((("search", "rate limit"), ("index",), ("status",), ("store", "sync")))
            process = await self._run(*arguments, "--json", str(self.root))
            try:
                await asyncio.wait_for(process.communicate(), 2 * ANSWER_S)
            except asyncio.TimeoutError:
                self.wrong[f"codekin {arguments[0]} took over {2 * ANSWER_S:.0f} s"] += 1
                process.kill()
                await process.wait()
            self.done[f"codekin {arguments[0]}: exit status {process.returncode}"] += 1
            if process.returncode not in (0, 1, 2):
                self.wrong[f"codekin {arguments[0]} ended with {process.returncode}"] += 1
            await asyncio.sleep(self._random.uniform(0.2, 1.5))

    async def _agent(self) -> None:
        while self.live:
            peer = await self._start("mcp", str(self.root), framed=False)
            try:
                info = {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": {"name": "t", "version": "1"},
                }
                await peer.ask("initialize", info)
                peer.notify("notifications/initialized", {})
                until = time.time() + self._random.uniform(20, 60)
                while self.live and time.time() < until:
                    call = {"name": "search", "arguments": {"query": self._random.choice(_QUERIES)}}
                    self._take_note("MCP", await peer.ask("tools/call", call))
                    await asyncio.sleep(0.5)
                await peer.end(kill=self._random.random() < 0.3)
            except ConnectionError:
                if time.time() > self._faults_end:  # before that, it may refuse to start
                    self.wrong["MCP: ConnectionError"] += 1
                await peer.end(kill=True)
            except asyncio.TimeoutError:
                self.wrong["MCP: no answer, or no end"] += 1
                await peer.end(kill=True)

    async def _compare(self) -> dict[str, int]:
        """Return how many questions each client answers differently from a fresh index."""
        fresh = await self._ask_fresh()
        peer = await self._start("serve", faults=False)
        await peer.ask("initialize", {"processId": None, "rootUri": self.root.as_uri(), "capabilities": {}})
        peer.notify("initialized", {})
        ends = time.time() + _SETTLED_S
        while (await peer.ask("codekin/status", {}))["result"]["state"] != "ready":
            if time.time() > ends:
                self.wrong["never ready again"] += 1
                break
            await asyncio.sleep(0.2)
        served = [await self._ask_server(peer, query, mode) for query, mode in _asked()]
        if await peer.end(kill=False) not in (0, 1):
            self.wrong["the last server did not end well"] += 1
        printed = [await self._ask_command_line(query, mode) for query, mode in _asked()]
        return {
            name: sum(ours != theirs for ours, theirs in zip(answers, fresh, strict=True))
            for name, answers in (("server", served), ("command line", printed))
        }

    async def _ask_fresh(self) -> list[list[tuple[str, int]]]:
        config = load_config({"home": str(self.home.with_name("fresh"))})
        engine = await Engine.open(config, [self.root], watch=False)
        try:
            await engine.index()
            answers = [await engine.search(SearchRequest(query, mode=mode)) for query, mode in _asked()]
        finally:
            await engine.close()
        return [[(item.path, item.start_line) for item in answer.results] for answer in answers]

    async def _ask_server(self, peer: Peer, query: str, mode: str) -> list[tuple[str, int]]:
        answer = await peer.ask("codekin/search", {"query": query, "mode": mode})
        return [(item["path"], item["range"]["start"]["line"]) for item in answer["result"]["results"]]

    async def _ask_command_line(self, query: str, mode: str) -> list[tuple[str, int]]:
        process = await self._run("search", query, str(self.root), "--json", "-n", "20", "--mode", mode, faults=False)
        output, _ = await process.communicate()
        return [(item["path"], item["start_line"] - 1) for item in json.loads(output)["results"]]

    async def _start(self, *arguments: str, faults: bool = True, framed: bool = True) -> Peer:
        return Peer(await self._run(*arguments, faults=faults), framed=framed)

    async def _run(self, *arguments: str, faults: bool = True) -> asyncio.subprocess.Process:
        plan = (str(next(self._starts)), str(_RATE if faults else 0), str(self._faults_end))
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.robustness.faults", *plan, *arguments),
            cwd=Path(__file__).parents[2],
            env={**os.environ, "CODEKIN_HOME": str(self.home)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._errors,
            limit=1 << 26,
        )

    def _commit(self, message: str) -> None:
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", message)

    def _git(self, *arguments: str) -> None:
        names = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        subprocess.run(["git", *names, *arguments], cwd=self.root, check=False, capture_output=True)


def _asked() -> list[tuple[str, Any]]:
    return [(query, mode) for query in _QUERIES for mode in ("hybrid", "lexical", "semantic")]


def _is_free(path: Path) -> bool:
    try:
        with filelock.FileLock(path, timeout=0):
            return True
    except filelock.Timeout:
        return False


async def measure_torture(minutes: float, seed: int) -> dict[str, Any]:
    """Make one run in a temporary folder."""
    with tempfile.TemporaryDirectory() as scratch:
        return await Torture(Path(scratch), minutes, seed).run()
