"""Several users and workspaces in one collection on a real server, each with its own role."""

from __future__ import annotations

import shutil
import time
from functools import partial

import numpy as np
import pytest

from codekin.domain.search import SearchRequest
from codekin.errors import IndexUnavailableError, SettingsError, StoreReadOnlyError
from codekin.storage import open_vectors
from support.commands import run_codekin
from support.engines import engine_opener

STORE = "pgvector@parcelpost"
QUERIES = ("where is the retry logic?", "limit requests of one client", "distance between two stops")


@pytest.fixture
def roles(postgres, monkeypatch, sample):
    """(function that has the following work done as one of the roles, by name)."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        for role in ("ann", "bob", "eve"):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute("DROP SCHEMA IF EXISTS codekin_parcelpost CASCADE")

    def become(role):
        monkeypatch.setenv("CODEKIN_POSTGRES_URL", postgres.replace("codekin@", f"{role}@"))

    monkeypatch.setenv("CODEKIN_POSTGRES_URL", postgres)
    done = codekin("store", "share", STORE, "--reader", "bob", "--writer", "ann")
    assert done.returncode == 0, done.stderr
    assert 'GRANT SELECT ON ALL TABLES IN SCHEMA "codekin_parcelpost" TO "bob";' in done.stdout
    return become


codekin = partial(run_codekin, CODEKIN_EMBEDDER="hashing")


@pytest.fixture
async def user():
    """Opens an engine as another user would run it, with a cache of his own."""
    async with engine_opener(vectors=STORE) as opened:
        yield lambda root, home: opened(root, home=str(home))


async def answers(engine):
    found = []
    for query in QUERIES:
        response = await engine.search(SearchRequest(query, mode="semantic"))
        found.append([(item.path, item.symbol, round(item.score, 3)) for item in response.results])
    return found


@pytest.mark.slow
async def test_a_reader_searches_what_a_writer_indexed_and_embeds_nothing(roles, user, sample, tmp_path):
    theirs = shutil.copytree(sample, tmp_path / "clone" / "parcelpost")
    roles("ann")
    writer = await user(sample, tmp_path / "ann")
    assert (await writer.index()).embedded > 50
    roles("bob")
    reader = await user(theirs, tmp_path / "bob")
    assert (await reader.index()).embedded == 0
    expected = await answers(writer)
    assert await answers(reader) == expected
    assert "may only read" in reader.status().stores["vectors"].why
    assert not reader.status().reasons

    (theirs / "mine.py").write_text("def only_bob_has_this():\n    return 'quokka'\n")
    assert (await reader.index()).embedded == 3  # two for the file, and its folder
    assert (await reader.search(SearchRequest("quokka", mode="semantic"))).results[0].path == "mine.py"
    assert "3 vectors exist only on this machine" in reader.status().stores["vectors"].why
    assert (await reader.index(rebuild=True)).embedded == 3
    assert (await reader.search(SearchRequest("quokka", mode="semantic"))).results[0].path == "mine.py"

    (sample / "news.py").write_text("def written_by_ann():\n    return 'wombat'\n")
    assert (await writer.index()).embedded == 3
    shutil.copy(sample / "news.py", theirs / "news.py")
    deadline = time.monotonic() + 1.1  # how old a reader's knowledge of the collection may be
    while time.monotonic() < deadline:
        await answers(reader)
    assert (await reader.index()).embedded == 1  # his folder holds another file


@pytest.mark.slow
async def test_a_workspace_takes_nothing_away_from_another(roles, user, sample, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "zoo.py").write_text("def feed_the_quokka():\n    return 'leaves'\n")
    roles("ann")
    first = await user(sample, tmp_path / "a")
    await first.index()
    expected = await answers(first)
    second = await user(other, tmp_path / "b")
    await second.index()
    best = await second.search(SearchRequest("retry logic", mode="semantic"))
    assert {item.path for item in best.results} <= {"zoo.py", "./"}
    assert (await second.index(rebuild=True)).embedded == 0
    await second.close()
    assert await answers(first) == expected
    await first.close()
    first = await user(sample, tmp_path / "fresh")  # without a copy on this machine
    assert (await first.index()).embedded == 0
    assert await answers(first) == expected


def test_what_a_role_may_not_do_is_said_in_words(roles, sample, tmp_path):
    row = np.ones((1, 256), np.float32) / 16
    roles("bob")
    store = open_vectors(STORE, tmp_path, dim=256, embedder="hashing-1", writable=True).store
    for change in (lambda: store.add(np.array([1]), row), lambda: store.delete(np.array([1]))):
        with pytest.raises(StoreReadOnlyError, match=r"The role bob may only read codekin_parcelpost\.vectors_"):
            change()
    store.close()
    with pytest.raises(IndexUnavailableError, match=r"--reader bob or --writer bob"):
        open_vectors(STORE, tmp_path, dim=16, embedder="another", writable=True)
    roles("eve")
    with pytest.raises(IndexUnavailableError, match=r"The role eve may not use .*store share"):
        open_vectors(STORE, tmp_path, dim=256, embedder="hashing-1", writable=False)
    done = codekin("store", "share", STORE, "--reader", "eve")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_server_itself_holds_a_reader_to_reading(roles, postgres):
    """Whatever a client of his own may try."""
    import psycopg

    with psycopg.connect(postgres.replace("codekin@", "bob@"), autocommit=True) as connection:
        (table,) = connection.execute("SELECT name FROM codekin_parcelpost.codekin_collections").fetchone()
        connection.execute(f"SELECT count(*) FROM codekin_parcelpost.{table}")
        for statement in (
            f"DELETE FROM codekin_parcelpost.{table}",
            "UPDATE codekin_parcelpost.codekin_collections SET dim = 1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("flat@team", "supported by: pgvector"),
        ("pgvector@", "is not a valid collection name"),
        ("pgvector@Team; DROP TABLE x", "is not a valid collection name"),
        ("nonsense@team", "Unknown vector store"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(name, said, tmp_path):
    with pytest.raises(SettingsError, match=said):
        open_vectors(name, tmp_path, dim=16, embedder="t", writable=True)


def test_a_redis_user_who_may_only_read(redis, tmp_path, monkeypatch):
    import redis as client

    monkeypatch.setenv("CODEKIN_REDIS_URL", redis)
    rows = np.eye(16, dtype=np.float32)[:3]
    owner = open_vectors("redis@parcelpost", tmp_path / "a", dim=16, embedder="t", writable=True).store
    owner.add(np.arange(3), rows)
    with client.Redis.from_url(redis, protocol=2) as connection:
        rules = "on >pw ~* +@read +@connection +ft.search +ft.info +multi +exec"
        connection.execute_command("ACL", "SETUSER", "bob", "reset", *rules.split())
    monkeypatch.setenv("CODEKIN_REDIS_URL", redis.replace("redis://", "redis://bob:pw@"))
    store = open_vectors("redis@parcelpost", tmp_path / "b", dim=16, embedder="t", writable=True).store
    assert store.search(rows[1], 1).keys.tolist() == [1]
    assert np.array_equal(store.get(np.arange(3))[1], rows)
    for change in (lambda: store.add(np.array([1]), rows[:1]), lambda: store.delete(np.array([1]))):
        with pytest.raises(StoreReadOnlyError, match="may only read"):
            change()
    store.close()
    owner.close()
