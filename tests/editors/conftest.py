"""Real editors, headless, with the documented configuration. Missing editors skip their tests."""

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
DEADLINE_S = 280  # below the limit of pytest; the editor's script has a shorter one for each condition
FILLER_FILES = 4_000  # enough for the first index to show progress on a fast machine


@pytest.fixture
def workspace(sample, git):
    """Return a repository with two commits: the sample workspace and many files.

    Indexing takes long enough to show progress.
    """
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
    """Return a function that finds a program of the system, outside the Python environment.

    It skips the test if the program is missing.
    """

    def find(name, install):
        path = os.pathsep.join(
            folder for folder in os.get_exec_path() if Path(folder).resolve() != ENVIRONMENT.resolve()
        )
        found = shutil.which(name, path=path)
        if found is None:
            pytest.skip(f"{name} is not installed. To fix: {install}")
        return found

    return find


@pytest.fixture
def run_editor(workspace, home, tmp_path):
    """Return a function that runs an editor until it ends and returns what its script recorded."""

    def run(*command, **environment):
        seen = tmp_path / "seen.json"
        home_variables = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(home))
        output_file = tmp_path / "output_file.txt"
        with output_file.open("w", encoding="utf-8") as output:
            started = subprocess.Popen(
                command,
                cwd=workspace,
                env={**os.environ, **home_variables, "SEEN": str(seen), "PYTHON": sys.executable, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                status = started.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                status = "timed out"
                started.kill()
                started.wait()
        report = f"exit status: {status}\n{output_file.read_text(encoding='utf-8', errors='replace')[-6000:]}"
        assert seen.exists(), report
        result = json.loads(seen.read_text(encoding="utf-8"))
        assert status == 0, f"{result.get('failure')}\n{report}"
        return result

    return run
