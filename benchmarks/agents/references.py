"""`python -m benchmarks references FOLDER`: uses of names in Python, compared with jedi.

jedi infers types, so its references are taken as the right ones.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from codekin.config import load_config
from codekin.engine import Engine
from codekin.searching import ReferenceKind

_LIMIT = 5_000
_USES = (ReferenceKind.DEFINITION, ReferenceKind.USE)
Line = tuple[str, int]


async def measure_references(folder: Path, peer: Path, names: int) -> dict[str, Any]:
    """Return precision and recall of lines for some definitions; `peer` is a Python with jedi."""
    script = Path(__file__).with_name("jedi_references.py")
    done = await asyncio.to_thread(subprocess.check_output, [peer, script, folder, str(names)])
    rows = [(row["name"], {(path, line) for path, line in row["lines"]}) for row in json.loads(done)]
    with tempfile.TemporaryDirectory() as home:
        engine = await Engine.open(load_config({"home": home, "history": False}), [folder], watch=False)
        try:
            await engine.index()
            return {
                "machine": machine(),
                "definitions": len(rows),
                "every line with the word": await _compared(engine, rows, tuple(ReferenceKind), qualified=False),
                "the name alone": await _compared(engine, rows, _USES, qualified=False),
                "the qualified name": await _compared(engine, rows, _USES, qualified=True),
            }
        finally:
            await engine.close()


async def _compared(
    engine: Engine, rows: Sequence[tuple[str, set[Line]]], kinds: Sequence[ReferenceKind], *, qualified: bool
) -> dict[str, float]:
    right = listed = expected = 0
    for name, lines in rows:
        answer = await engine.references(name if qualified else name.rpartition(".")[2], _LIMIT)
        found = {(item.path, item.line + 1) for item in answer.found if item.kind in kinds}
        right += len(found & lines)
        listed += len(found)
        expected += len(lines)
    return {
        "lines": listed,
        "precision": round(right / max(1, listed), 3),
        "recall": round(right / max(1, expected), 3),
    }
