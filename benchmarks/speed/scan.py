"""The cost of selecting the files to index, against a walk that only reads their sizes."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from codekin.files import Found, Rules, scan

_ROUNDS = 5
_WORDS = [
    "user",
    "order",
    "parcel",
    "rate",
    "label",
    "store",
    "index",
    "cache",
    "token",
    "page",
    "view",
    "model",
    "test",
    "main",
    "app",
    "core",
    "http",
    "json",
]
_ENDINGS = ("py", "ts", "go", "js", "md", "c", "h", "json")
_IGNORED = "*.pyc *.o /bin/ tmp/ *.swp .DS_Store logs/** !keep.pyc __pycache__/ build/ coverage.* *~ [Bb]in/ /site *.log vendor/*/cache/"
_SEED = 1


def measure_scan(files: int) -> dict[str, Any]:
    """Return seconds of processor time, the minimum of five rounds in turn.

    `ratio` is that of a pass to a plain walk.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        create_files(root, files)
        works: dict[str, Callable[[], int]] = {"walk": lambda: walk(root), "scan": lambda: _scan(root)}
        with suppress(FileNotFoundError):
            subprocess.run(["git", "init", "-q"], cwd=root, check=True)
            subprocess.run(["git", "add", "-A"], cwd=root, check=True)
            works["git"] = lambda: _git(root)
        seconds = {name: min(_timed(work) for _ in range(_ROUNDS)) for name, work in works.items()}
    return {
        "machine": machine(),
        "files": files,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "ratio": round(seconds["scan"] / seconds["walk"], 2),
    }


def create_files(root: Path, files: int) -> None:
    """Create empty files with names like those of a project, twenty in a folder."""
    rng = random.Random(_SEED)
    (root / ".gitignore").write_text("\n".join(_IGNORED.split()), encoding="utf-8")
    for made in range(files):
        if made % 20 == 0:
            folder = root.joinpath(*(f"{rng.choice(_WORDS)}{rng.randrange(12)}" for _ in range(rng.randrange(1, 6))))
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{rng.choice(_WORDS)}_{made}.{rng.choice(_ENDINGS)}").touch()


def _timed(work: Callable[[], int]) -> float:
    before = os.times()
    started = time.process_time()
    work()
    after = os.times()
    return time.process_time() - started + (after[2] + after[3]) - (before[2] + before[3])  # includes the time of git


def walk(root: Path) -> int:
    """Read the sizes of all files, without rules; return the number of files."""
    found, waiting = 0, [os.fspath(root)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
                    found += 1
    return found


def _scan(root: Path) -> int:
    return sum(isinstance(item, Found) for item in scan(root, Rules(root), lambda: False))


def _git(root: Path) -> int:
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    return subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.count(b"\0")
