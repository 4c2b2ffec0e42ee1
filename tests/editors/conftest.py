"""Real editors, headless, with the documented configuration. Missing editors skip their tests."""

from __future__ import annotations

import pytest

from support.clients import editors
from support.git.repository import init_repository

FILLER_FILES = 4_000  # enough that the first index is long enough to be shown as progress, on a quick machine too


@pytest.fixture
def workspace(sample, git):
    """Return a repository with two commits: the sample workspace and many files.

    Indexing takes long enough to show progress.
    """
    folder = sample / "filler"
    folder.mkdir()
    for number in range(FILLER_FILES):
        (folder / f"filler_{number}.py").write_text(f"def filler_{number}():\n    return {number}\n")
    init_repository(sample, "Begin the parcel service")
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
    return editors.find_system_program


@pytest.fixture
def run_editor(workspace, home, tmp_path):
    def run(*command, **environment):
        return editors.run_editor(command, workspace, home, tmp_path, **environment)

    return run
