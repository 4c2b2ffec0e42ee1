from __future__ import annotations

import pytest

from support.git.repository import Repo


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


@pytest.fixture
def small(repo):
    """Create four commits by two people, one a squashed pull request, and a merged pull request."""
    repo.commit("Begin", {"README.md": "# Toy\n", "src/app.py": "def start():\n    return 1\n"})
    repo.commit("Add rate limiting to the client (#12)", {"src/limits.py": "def limit():\n    return 2\n"}, "Bob")
    repo.run("switch", "-qc", "retry")
    repo.commit("wip", {"src/retry.py": "def retry():\n    return 3\n"}, "Cleo")
    repo.run("switch", "-q", "main")
    repo.merge("retry", "Merge pull request #14 from cleo/retry\n\nRetry failed requests\n\nWith backoff.")
    return repo
