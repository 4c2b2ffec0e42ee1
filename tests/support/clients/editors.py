"""Real editors, headless, whose scripts write what they saw into a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = Path(sys.executable).parent
DEADLINE_S = 280  # just under pytest's own: the editor's script has shorter ones for each thing it waits for


def find_system_program(name, install):
    """Return the path of a program outside the Python environment; skip the test without it."""
    path = os.pathsep.join(folder for folder in os.get_exec_path() if Path(folder).resolve() != ENVIRONMENT.resolve())
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"{name} is not installed. To fix: {install}")
    return found


def run_editor(command, workspace, home, output, **environment):
    """Runs an editor in a workspace until it ends and returns what its script saw.

    `output` is a folder for that and for what the editor prints.
    """
    seen, said = output / "seen.json", output / "said.txt"
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(home))
    with said.open("w", encoding="utf-8") as written:
        started = subprocess.Popen(
            command,
            cwd=workspace,
            env={**os.environ, **homes, "SEEN": str(seen), "PYTHON": sys.executable, **environment},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        status = _end_of(started)
    told = f"exit status: {status}\n{said.read_text(encoding='utf-8', errors='replace')[-6000:]}"
    assert seen.exists(), told
    result = json.loads(seen.read_text(encoding="utf-8"))
    assert status == 0, f"{result.get('failure')}\n{told}"
    return result


def _end_of(process):
    try:
        return process.wait(DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "none in time"
