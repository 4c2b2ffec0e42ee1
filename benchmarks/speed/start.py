"""How long an editor waits for `initialize`, in turn with a server of pygls alone."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import machine

ROUNDS = 11
_BARE = "from pygls.lsp.server import LanguageServer; LanguageServer('bare', '1').start_io()"
_SERVERS = {
    "bare pygls": [sys.executable, "-c", _BARE],
    "codekin": [sys.executable, "-m", "codekin", "serve"],
}


def measure_start() -> dict[str, Any]:
    """Return medians of wall-clock and processor time from starting the process to its answer."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "CODEKIN_HOME": scratch}
        samples = {name: [] for name in _SERVERS}
        for _ in range(ROUNDS):
            for name, command in _SERVERS.items():
                samples[name].append(_initialize(command, environment, Path(scratch)))
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in samples.items()
    }
    wall_ms, processor_ms = (medians["codekin"][at] - medians["bare pygls"][at] for at in (0, 1))
    return {
        "machine": machine(),
        "initialize_ms": {name: round(values[0]) for name, values in medians.items()},
        "initialize_processor_ms": {name: round(values[1]) for name, values in medians.items()},
        "later_than_bare_ms": round(wall_ms),
        "later_than_bare_processor_ms": round(processor_ms),
        "ratio": round(medians["codekin"][0] / medians["bare pygls"][0], 2),
    }


def _initialize(command: list[str], environment: dict[str, str], folder: Path) -> tuple[float, float]:
    """Return (wall, processor) in ms."""
    parameters = {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            _send(process, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": parameters})
            _receive(process)
            wall = time.perf_counter() - started
            used = psutil.Process(process.pid).cpu_times()
        finally:
            process.kill()
    return wall * 1000, (used.user + used.system) * 1000


def _send(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    assert process.stdin
    process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    process.stdin.flush()


def _receive(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout
    length = 0
    while line := process.stdout.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not length:
        raise SystemExit("the server ended without an answer")
    message: dict[str, Any] = json.loads(process.stdout.read(length))
    return message
