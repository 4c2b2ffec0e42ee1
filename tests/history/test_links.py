"""Tests find their code, code its tests and its commits, and each guess tells its grounds."""

from __future__ import annotations

import pytest

from support.engines import open_indexed

RETRY = """def call_with_retry(action):
    for attempt in range(3):
        if action():
            return attempt
    raise RuntimeError("gave up")
"""
TEST = """from app.retry import call_with_retry


def test_call_with_retry_gives_up():
    assert call_with_retry(lambda: True) == 0
"""


@pytest.fixture
def project(repo):
    repo.commit("Add retrying", {"app/retry.py": RETRY, "tests/test_retry.py": TEST})
    repo.commit(
        "Add prices", {"app/prices.py": "def price():\n    return 1\n", "web/retry.js": "function other() {}\n"}
    )
    repo.commit("Retry thrice", {"app/retry.py": RETRY + "\n", "tests/test_retry.py": TEST + "\n"}, "Bob")
    return repo


async def related(engine, path, start=0, end=1, limit=9):
    return (await engine.related(path, start, end, limit)).results


async def test_code_names_its_test_with_the_grounds(project):
    async with open_indexed(project.folder) as engine:
        best = (await related(engine, project.folder / "app/retry.py"))[0]
    assert (best.path, best.relation, best.symbol) == (
        "tests/test_retry.py",
        "tested by",
        "test_call_with_retry_gives_up",
    )
    assert "names call_with_retry" in best.reason
    assert "files named alike" in best.reason
    assert "changed together in 2 of 2 commits" in best.reason
    assert 0.8 < best.score <= 1.0


async def test_test_names_its_code(project):
    async with open_indexed(project.folder) as engine:
        results = await related(engine, project.folder / "tests/test_retry.py", 3, 5)
    assert (results[0].path, results[0].relation) == ("app/retry.py", "tests")
    assert not any(result.relation == "tests" and result.path.endswith(".js") for result in results)


async def test_file_knows_the_commits_that_changed_it(project):
    async with open_indexed(project.folder) as engine:
        results = await related(engine, project.folder / "app/retry.py")
        commits = {result.relation: result.symbol for result in results if result.commit}
        assert commits == {"last changed in": "Retry thrice", "added in": "Add retrying"}
        results = await related(engine, project.folder / "app/prices.py")
        assert {result.relation: result.symbol for result in results if result.commit} == {
            "last changed in": "Add prices"
        }


async def test_code_without_tests_has_none(project):
    async with open_indexed(project.folder) as engine:
        results = await related(engine, project.folder / "app/prices.py")
    assert not any(result.relation == "tested by" for result in results)


async def test_links_leave_room_for_what_is_alike(project):
    async with open_indexed(project.folder) as engine:
        for limit in (1, 3, 6):
            assert len(await related(engine, project.folder / "app/retry.py", limit=limit)) <= limit


async def test_links_need_no_repository(tmp_path):
    for name, text in (("app/retry.py", RETRY), ("tests/test_retry.py", TEST)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    async with open_indexed(tmp_path) as engine:
        best = (await related(engine, tmp_path / "app/retry.py"))[0]
    assert (best.path, best.relation) == ("tests/test_retry.py", "tested by")


async def test_duplicates_are_told_from_what_is_only_alike(tmp_path):
    changed = RETRY.replace("call_with_retry", "retry_the_call").replace("range(3)", "range(4)")
    other = "def call_with_patience(action):\n    while not action():\n        wait()\n    return True\n"
    for name, text in (("a.py", RETRY), ("b.py", RETRY), ("c.py", changed), ("d.py", other)):
        (tmp_path / name).write_text(text)
    async with open_indexed(tmp_path, embedder="static") as engine:
        found = {result.path: (result.relation, result.reason) for result in await related(engine, tmp_path / "a.py")}
    assert found["b.py"] == ("duplicate of", "the same text")
    assert found["d.py"] == ("like this", "")
    assert found["c.py"][0] == "duplicate of"
    assert found["c.py"][1].startswith("similarity 0.9")
