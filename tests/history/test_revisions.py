"""Searches of another branch or commit by name.

They use stored vectors where possible, and leave the index unchanged.
"""

from __future__ import annotations

import pytest

from codekin.domain.search import Filters, SearchRequest
from codekin.errors import SettingsError
from codekin.lsp import encode
from support.engines import open_indexed

SHARED = "def shared_helper():\n    return 'everywhere'\n"


@pytest.fixture
def branched(repo):
    repo.commit("Begin", {"src/shared.py": SHARED, "src/old.py": "def wombat_only():\n    return 1\n"})
    repo.run("tag", "v1")
    repo.run("switch", "-qc", "feature/side")
    repo.commit("Aside", {"src/old.py": None, "src/new.py": "def quokka_only():\n    return 2\n", "b.bin": "\0\1"})
    repo.run("switch", "-q", "main")
    return repo


async def test_branch_that_is_not_checked_out_is_searched(branched):
    side = branched.run("rev-parse", "feature/side")
    async with open_indexed(branched.folder) as engine:
        before, held = engine.status(), dict(engine.views()[0].file_of_path)
        answer = await engine.search(SearchRequest("quokka_only at:feature/side"))
        best = answer.results[0]
        assert (best.path, best.symbol, best.revision) == ("src/new.py", "quokka_only", side)
        assert best.snippet == "def quokka_only():\n    return 2\n"
        assert (answer.coverage.indexed, answer.coverage.total) == (2, 2)
        assert {item.path for item in answer.results} == {"src/new.py", "src/shared.py"}
        # The file's own node and its one chunk; what is equal is taken from the index, and all of
        # it the second time.
        assert engine.status().computed - before.computed == 2
        again = (await engine.search(SearchRequest("shared_helper", filters=Filters(at=side[:10])))).results
        assert again[0].path == "src/shared.py"
        assert engine.status().computed - before.computed == 2
        assert dict(engine.views()[0].file_of_path) == held
        on_disk = (await engine.search(SearchRequest("quokka_only"))).results
        assert not any(item.path == "src/new.py" or item.revision for item in on_disk)


async def test_results_open_as_they_were(branched):
    async with open_indexed(branched.folder) as engine:
        found = (await engine.search(SearchRequest("wombat", mode="literal", filters=Filters(at="v1")))).results
        (branched.folder / "src/old.py").write_text("changed\n")
        uri = encode.result_uri(found[0])
        assert uri.startswith(f"codekin-commit:/{branched.run('rev-parse', 'v1')}/src/old.py?")
        root, sha, path = encode.commit_of(uri)
        assert await engine.commit(root, sha, path) == "def wombat_only():\n    return 1\n"


async def test_filters_and_folders_hold_there_too(branched):
    async with open_indexed(branched.folder / "src") as engine:
        found = (await engine.search(SearchRequest("at:feature/side lang:python -path:shared.py"))).results
        assert [item.path for item in found] == ["new.py"]


async def test_what_differs_too_much_is_covered_in_part(branched):
    branched.run("switch", "-qc", "large")
    branched.commit("Much", {f"many/{number}.py": f"def many_{number}():\n    return 1\n" for number in range(1_100)})
    branched.run("switch", "-q", "main")
    async with open_indexed(branched.folder) as engine:
        answer = await engine.search(SearchRequest("shared_helper at:large"))
        assert answer.results[0].path == "src/shared.py"
        assert answer.coverage.total == 1_102
        assert 2 < answer.coverage.indexed < 1_102
        assert not answer.coverage.complete


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("x at:nowhere", "not a branch, tag or commit"),
        ("x at:--output=y", "not a branch, tag or commit"),
        ("x at:v1,main", "takes one value and no minus"),
        ("x -at:v1", "takes one value and no minus"),
        ("x at:", "not a filter without a value"),
    ],
)
async def test_what_is_no_revision_is_text_and_that_is_said(branched, query, note):
    async with open_indexed(branched.folder) as engine:
        answer = await engine.search(SearchRequest(query))
        assert note in answer.reasons[0]
        assert answer.reasons[0].endswith("searched as text.")


async def test_an_unknown_revision_given_apart_is_an_error(branched):
    async with open_indexed(branched.folder) as engine:
        with pytest.raises(SettingsError, match="not a branch, tag or commit"):
            await engine.search(SearchRequest("x", filters=Filters(at="nowhere")))


async def test_folder_without_a_repository_says_so(tmp_path):
    (tmp_path / "a.py").write_text(SHARED)
    async with open_indexed(tmp_path) as engine:
        answer = await engine.search(SearchRequest("x at:main"))
        assert "not in a git repository" in answer.reasons[0]
