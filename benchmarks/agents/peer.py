"""A peer, semble, as an agent receives its answers, from a Python in which it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.agents.blocks import Block
from codekin.answers.tokens import count_tokens

SNIPPET_LINES = (0, 10, None)
"""Lines of each result: its path alone, its default, and the whole chunk."""
_RESULTS = 300
_LIMIT_S = 300


def peer_blocks(python: Path, tree: Path, question: str) -> dict[str, list[Block]]:
    """Return the results for a question as blocks, by the number of lines that are shown of each.

    Raises subprocess.CalledProcessError if semble is not installed there.
    """
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [python, Path(__file__).with_name("semble_search.py"), tree, str(_RESULTS)],
            input=question,
            capture_output=True,
            text=True,
            check=True,
            timeout=_LIMIT_S,
            env={**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "HF_HUB_OFFLINE": "1"},
        )
    found = json.loads(done.stdout)
    return {_name(lines): [_block(entry, lines) for entry in found] for lines in SNIPPET_LINES}


PEER_NAMES = tuple(f"semble, {'whole chunks' if lines is None else f'{lines} lines'}" for lines in SNIPPET_LINES)


def _name(lines: int | None) -> str:
    return PEER_NAMES[SNIPPET_LINES.index(lines)]


def _block(entry: Mapping[str, Any], lines: int | None) -> Block:
    """Return a result as its server for agents prints it: as JSON, with some lines of the chunk."""
    shown = {name: value for name, value in entry.items() if name != "content"}
    if lines != 0:
        shown["content"] = "\n".join(entry["content"].splitlines()[:lines])
    return Block(str(entry["file_path"]).replace("\\", "/"), count_tokens(json.dumps(shown)) + 1)
