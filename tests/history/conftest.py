from __future__ import annotations

import contextlib
import os
import subprocess

import pytest

from codekin.config import load_config
from codekin.domain.search import Filters, SearchRequest
from codekin.engine import Engine


class Repo:
    """A real repository; each commit is a day after the one before, the first on 2026-01-01."""

    def __init__(self, folder):
        self.folder = folder
        self.day = 0
        folder.mkdir(exist_ok=True)
        self.run("init", "-q", "-b", "main")

    def run(self, *arguments, cwd=None):
        author = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org"}
        committer = {"GIT_COMMITTER_NAME": "Bot", "GIT_COMMITTER_EMAIL": "bot@example.org"}
        settings = ("-c", "protocol.file.allow=always", "-c", "merge.renames=true")
        done = subprocess.run(
            ["git", *settings, *arguments],
            cwd=cwd or self.folder,
            env={**os.environ, **author, **committer, **self._dates(), "GIT_CONFIG_GLOBAL": os.devnull},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, message, files=None, author="Ann"):
        """Writes files (None as content deletes), commits all, returns the hash."""
        for name, content in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_text(content)
        self.run("add", "-A")
        self.day += 1
        self.run("commit", "-q", "--allow-empty", "--author", f"{author} <{author.lower()}@example.org>", "-m", message)
        return self.run("rev-parse", "HEAD")

    def merge(self, branch, message):
        self.day += 1
        self.run("merge", "-q", "--no-ff", branch, "-m", message)
        return self.run("rev-parse", "HEAD")

    def _dates(self):
        when = f"{1767225600 + (self.day - 1) * 86400} +0000"  # 2026-01-01
        return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "repo")


@pytest.fixture
def small(repo):
    """Four commits by two people, one of them squashed from a pull request, and one merged pull request."""
    repo.commit("Begin", {"README.md": "# Toy\n", "src/app.py": "def start():\n    return 1\n"})
    repo.commit("Add rate limiting to the client (#12)", {"src/limits.py": "def limit():\n    return 2\n"}, "Bob")
    repo.run("switch", "-qc", "retry")
    repo.commit("wip", {"src/retry.py": "def retry():\n    return 3\n"}, "Cleo")
    repo.run("switch", "-q", "main")
    repo.merge("retry", "Merge pull request #14 from cleo/retry\n\nRetry failed requests\n\nWith backoff.")
    return repo


@pytest.fixture
def opened():
    """`async with opened(root, ...) as engine`: indexed, on the test's own home."""

    @contextlib.asynccontextmanager
    async def open_engine(root, watch=False, **settings):
        engine = await Engine.open(load_config({"embedder": "hashing", **settings}), [root], watch=watch)
        try:
            if not watch:
                await engine.index()
            yield engine
        finally:
            await engine.close()

    return open_engine


@pytest.fixture
def find():
    """Results of a query among commits and pull requests, or among the kinds given."""

    async def search(engine, query, *kinds, **filters):
        wanted = Filters(kinds=kinds or ("commit", "pull_request"), **filters)
        return (await engine.search(SearchRequest(query, filters=wanted))).results

    return search
