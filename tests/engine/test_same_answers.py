"""Edits, restarts, buffers and branch switches leave the same answers as a fresh index."""

from __future__ import annotations

import random
import sqlite3

import pytest

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.engine.stores import stored_columns
from codekin.errors import IndexUnavailableError
from support.engines import open_engine, open_indexed
from support.git.repository import init_repository

QUERIES = ("where is the retry logic?", "rate limit", "price of a parcel", "token bucket", "weigh_7", "class Session")
MODES = ("hybrid", "lexical", "semantic", "literal")


async def answers(root, home):
    async with open_engine(root, home=str(home), embedder="static") as engine:
        await engine.index()
        found = [await engine.search(SearchRequest(query, 20, mode)) for query in QUERIES for mode in MODES]
        return [
            [(item.path, item.start_line, item.end_line, round(item.score, 4)) for item in answer.results]
            for answer in found
        ]


class Life:
    """Does to a workspace and its index what people do, one step at a time."""

    def __init__(self, engine, root, git, seed):
        self._engine, self._root, self._git = engine, root, git
        self._random = random.Random(seed)

    def files(self):
        return [path for path in sorted(self._root.rglob("*.py")) if ".git" not in path.parts]

    async def step(self):
        await getattr(
            self, self._random.choice(("edit", "edit", "edit", "add", "remove", "rename", "typed", "sweep", "switch"))
        )()

    async def edit(self):
        file = self._random.choice(self.files())
        file.write_text(f"# note {self._random.randrange(99)} about the retry of a token\n{file.read_text()}")
        await self._engine.files_changed([file])

    async def add(self):
        number = self._random.randrange(10**6)
        file = self._root / f"added_{number}.py"
        file.write_text(f"def weigh_{number % 10}(parcel):\n    return parcel.price * {number}\n")
        await self._engine.files_changed([file])

    async def remove(self):
        file = self._random.choice(self.files())
        if len(self.files()) > 5:
            file.unlink()
            await self._engine.files_changed([file])

    async def rename(self):
        file = self._random.choice(self.files())
        target = file.with_name(f"renamed_{self._random.randrange(10**6)}.py")
        file.rename(target)
        await self._engine.files_changed([file, target])

    async def typed(self):
        file = self._random.choice(self.files())
        await self._engine.update_buffer(file, f"def typed_{self._random.randrange(99)}():\n    return 'a bucket'\n")
        await self._engine.search(SearchRequest("bucket"))
        await self._engine.close_buffer(file)

    async def sweep(self):
        parts = self._engine._roots.get(self._root).index.parts
        parts.serving.vectors.compact()
        parts.lexical.compact()

    async def switch(self):
        self._git(self._root, "add", "-A")
        self._git(self._root, "commit", "-qm", "Work", "--allow-empty")
        self._git(self._root, "checkout", "-q", self._random.choice(("main", "other")))
        await self._engine.index()


@pytest.mark.parametrize(("seed", "least_files"), [(1, stored_columns.LEAST_FILES), (2, 1)])
async def test_answers_do_not_depend_on_how_the_index_came_about(sample, tmp_path, git, seed, least_files, monkeypatch):
    monkeypatch.setattr(stored_columns, "LEAST_FILES", least_files)
    init_repository(sample, "Begin")
    git(sample, "branch", "other")
    home = tmp_path / "lived"
    for part in range(3):  # restarts in between
        async with open_engine(sample, home=str(home), embedder="static") as engine:
            await engine.index()
            life = Life(engine, sample, git, 10 * seed + part)
            for _ in range(15):
                await life.step()
    assert await answers(sample, home) == await answers(sample, tmp_path / "fresh")


async def test_an_index_of_a_newer_version_is_left_alone(sample, tmp_path):
    home = tmp_path / "home"
    async with open_indexed(sample, home=str(home)):
        pass
    (database,) = home.rglob("metadata.sqlite3")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = database.read_bytes()
    with pytest.raises(IndexUnavailableError, match=r"newer version.*99.*upgrade codekin"):
        await Engine.open(load_config({"home": str(home), "embedder": "hashing"}), [sample], watch=False)
    assert database.read_bytes() == before
    assert not list(home.rglob("*damaged*"))
