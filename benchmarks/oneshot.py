"""`python -m benchmarks oneshot FOLDER`: one command in a shell, alone and answered by a server."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import machine
from codekin.config import load_config
from codekin.serving.messages import socket_of

_START_S = 300.0
_LOOK_S = 0.05


def measure_oneshot(folder: Path, question: str, name: str, runs: int, keep: Path | None) -> dict[str, Any]:
    """Return the durations of the commands of an agent on an indexed folder, in milliseconds.

    `question` is searched for, and `name` is a definition to list references of. The best
    definition of it is expanded.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # An installed package has bytecode, which this process may be told not to write.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"CODEKIN_HOME": str(keep or scratch), "PYTHONPYCACHEPREFIX": str(Path(scratch) / "bytecode")}
        files = _run(["status", str(folder)], environment, index=folder)
        commands = {
            "search, for a model": ["search", question, str(folder), "--format", "agent"],
            "search, JSON": ["search", question, str(folder), "--json"],
            "references": ["references", name, str(folder)],
            "expand": ["expand", _place_of(name, folder, environment), "--root", str(folder)],
        }
        alone = {what: _timed(command, environment, runs) for what, command in commands.items()}
        with _served(folder, environment):
            served = {what: _timed(command, environment, runs) for what, command in commands.items()}
        floor = _timed_process([sys.executable, "-c", "pass"], environment, runs)
    return {"machine": machine(), "files": files, "python alone": floor, "alone": alone, "through a server": served}


def _run(arguments: Sequence[str], environment: Mapping[str, str], index: Path) -> str:
    subprocess.run([*_codekin("index"), str(index)], env=environment, check=True, capture_output=True)
    done = subprocess.run([*_codekin(*arguments)], env=environment, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[0]


def _codekin(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "codekin", *arguments]


def _place_of(name: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return FILE:LINE of the best definition of a name."""
    command = _codekin("references", name, str(folder))
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if "(definition" in line)
    return str(folder / line.split(" ", 1)[0].split("-", 1)[0])


def _timed(arguments: Sequence[str], environment: Mapping[str, str], runs: int) -> dict[str, float]:
    return _timed_process(_codekin(*arguments), environment, runs)


def _timed_process(command: Sequence[str], environment: Mapping[str, str], runs: int) -> dict[str, float]:
    """Return the median and the shortest duration, and the median of the process's own time."""
    durations: list[float] = []
    own: list[float] = []
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # writes bytecode
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        durations.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        own.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"median": _ms(median(durations)), "shortest": _ms(min(durations)), "processor": _ms(median(own))}


def _ms(seconds: float) -> float:
    return round(1_000 * seconds)


@contextmanager
def _served(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Run a server for agents, until its socket answers."""
    server = subprocess.Popen(
        _codekin("mcp", str(folder)), env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    socket = socket_of(load_config({"home": environment["CODEKIN_HOME"]}), folder.resolve())
    try:
        ends = time.monotonic() + _START_S
        while socket is None or not socket.exists():
            if socket is None or time.monotonic() > ends or server.poll() is not None:
                raise RuntimeError("The server does not answer commands on this system.")
            time.sleep(_LOOK_S)
        time.sleep(1.0)  # the first search of a process loads what later ones share
        yield
    finally:
        server.communicate(timeout=60)
