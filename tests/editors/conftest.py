"""Real editors, headless, with the documented configuration. One that is not on this machine is skipped, and says so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = Path(sys.executable).parent
DEADLINE_S = 280  # just under pytest's own: the editor's script has shorter ones for each thing it waits for
FILLER_FILES = 4_000  # enough that the first index is long enough to be shown as progress, on a quick machine too


@pytest.fixture
def workspace(sample, git):
    """The sample workspace, with so many files that indexing them is seen to progress, in a repository with two commits."""
    folder = sample / "filler"
    folder.mkdir()
    for number in range(FILLER_FILES):
        (folder / f"filler_{number}.py").write_text(f"def filler_{number}():\n    return {number}\n")
    git(sample, "init")
    git(sample, "add", ".")
    git(sample, "commit", "--quiet", "--message", "Begin the parcel service")
    git(
        sample,
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "Deliver on Sundays too (#12)\n\nCouriers asked for it.",
    )
    return sample


@pytest.fixture
def system_program():
    """The path of a program that this machine's system has, outside the Python environment; skips without it."""

    def find(name, remedy):
        path = os.pathsep.join(
            folder for folder in os.get_exec_path() if Path(folder).resolve() != ENVIRONMENT.resolve()
        )
        found = shutil.which(name, path=path)
        if found is None:
            pytest.skip(f"no {name} on this machine; {remedy}")
        return found

    return find


@pytest.fixture
def run_editor(workspace, home, tmp_path):
    """Runs an editor until it ends and returns what its script saw."""

    def run(*command, **environment):
        seen = tmp_path / "seen.json"
        homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(home))
        said = tmp_path / "said.txt"
        with said.open("w", encoding="utf-8") as output:
            started = subprocess.Popen(
                command,
                cwd=workspace,
                env={**os.environ, **homes, "SEEN": str(seen), "PYTHON": sys.executable, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                status = started.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                status = "none in time"
                started.kill()
                started.wait()
        told = f"exit status: {status}\n{said.read_text(encoding='utf-8', errors='replace')[-6000:]}"
        assert seen.exists(), told
        result = json.loads(seen.read_text(encoding="utf-8"))
        assert status == 0, f"{result.get('failure')}\n{told}"
        return result

    return run
