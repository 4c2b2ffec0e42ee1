"""Searches for reference cycles leave out the objects of an open index in our own programs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.waiting import DEADLINE_S

PROGRAM = """
import asyncio, gc, sys, weakref
from pathlib import Path
from codekin.api import Workspace
from codekin.memory import own_process

class Cycle:
    def __init__(self):
        self.itself = self

async def main():
    if sys.argv[2] == "owned":
        own_process()
    kept = Cycle()
    cycle = weakref.ref(kept)
    async with Workspace.open(Path(sys.argv[1])) as workspace:
        await workspace.index()
        print(gc.get_freeze_count() > 1000)
        del kept
    print(gc.get_freeze_count() > 1000, cycle() is None)

asyncio.run(main())
"""

SETTLED = """
import gc, sys
from codekin import memory

class Cycle:
    def __init__(self):
        self.itself = self

memory.own_process()
gc.disable()
memory.settle()
kept = [[] for _ in range(int(sys.argv[1]))]
Cycle()
searched = []
gc.callbacks.append(lambda phase, info: searched.append(info["collected"]) if phase == "stop" else None)
memory.settle()
print(sum(searched) > 0, gc.get_freeze_count() > len(kept))
memory.release()
print(sum(searched) > 0)
"""


@pytest.mark.parametrize(("objects", "printed"), [(1_000, "True True\nTrue\n"), (50_000, "False True\nTrue\n")])
def test_many_young_objects_are_exempt_without_a_search(objects, printed):
    """The search would hold the interpreter's lock for longer than an event loop may be late."""
    done = subprocess.run(
        [sys.executable, "-c", SETTLED, str(objects)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.stdout == printed, done.stderr


@pytest.mark.parametrize(("kind", "printed"), [("owned", "True\nFalse True\n"), ("library", "False\nFalse True\n")])
def test_objects_of_an_index_are_exempt_until_it_is_closed(kind, printed, tmp_path):
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "cart.py").write_text("def add(item):\n    return [item]\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "workspace"), kind],
        capture_output=True,
        text=True,
        env={**os.environ, "CODEKIN_HOME": str(tmp_path / "home")},
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.stdout == printed, done.stderr
