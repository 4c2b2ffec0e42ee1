"""What is on disk is in the index, embedded once, whatever happens in between."""

from __future__ import annotations

import json
import os

import pytest

from codekin.domain.search import Filters, SearchRequest
from support.engines import open_engine, search_paths
from support.git.repository import init_repository


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_golden_queries_find_their_function_on_top(sample, metadata):
    golden = json.loads((sample / "golden_queries.json").read_text())
    async with open_engine(sample, embedder="static", metadata=metadata) as engine:
        report = await engine.index()
        assert report.files > 25
        misses = []
        for item in golden:
            response = await engine.search(SearchRequest(item["query"], limit=3))
            best = response.results[0]
            name = item["symbol"].split(".")[-1]
            if best.path != item["path"] or (name not in best.snippet and name not in best.symbol.split(".")):
                misses.append((item["query"], best.path, best.symbol))
    assert len(misses) <= 4, misses


async def test_documented_query_has_the_retry_function_first(sample):
    async with open_engine(sample, embedder="static") as engine:
        await engine.index()
        best = (await engine.search(SearchRequest("where is the retry logic?"))).results[0]
    assert (best.path, best.symbol) == ("api/parcelpost/carriers.py", "call_with_retry")


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_restart_embeds_nothing(sample, metadata):
    async with open_engine(sample, metadata=metadata) as engine:
        first = await engine.index()
        assert first.embedded > 50
    async with open_engine(sample, metadata=metadata) as engine:
        again = await engine.index()
        assert (again.embedded, again.files, again.chunks) == (0, first.files, first.chunks)


async def test_switching_branches_and_back_embeds_nothing(sample, git):
    init_repository(sample, "first")
    async with open_engine(sample) as engine:
        await engine.index()
        git(sample, "switch", "-qc", "other")
        (sample / "api/parcelpost/pricing.py").write_text("def another_price():\n    return 1\n")
        git(sample, "commit", "-qam", "second")
        assert (await engine.index()).embedded > 0
        git(sample, "switch", "-q", "main")
        assert (await engine.index()).embedded == 0
        git(sample, "switch", "-q", "other")
        assert (await engine.index()).embedded == 0


@pytest.mark.parametrize("place", ["cache", "workspace"])
async def test_second_worktree_embeds_nothing(sample, git, tmp_path, place):
    init_repository(sample, "first")
    async with open_engine(sample, place=place) as engine:
        await engine.index()
    other = tmp_path / "other"
    git(sample, "worktree", "add", "-q", str(other))
    async with open_engine(other, place=place) as engine:
        report = await engine.index()
        assert report.files > 25
        assert report.embedded == 0


async def test_renamed_file_embeds_only_its_name_and_its_folder(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        (sample / "api/parcelpost/pricing.py").rename(sample / "api/parcelpost/tariffs.py")
        assert (await engine.index()).embedded == 2
        found = await search_paths(engine, "quote_cents")
        assert found[0] == "api/parcelpost/tariffs.py"
        assert "api/parcelpost/pricing.py" not in found


async def test_deleted_file_is_never_returned(sample):
    async with open_engine(sample) as engine:
        await engine.index()
    (sample / "api/parcelpost/pricing.py").unlink()
    async with open_engine(sample) as engine:
        await engine.index()
        assert "api/parcelpost/pricing.py" not in await search_paths(engine, "quote_cents", limit=100)


async def test_bad_input_is_skipped_with_its_reason(tmp_path):
    root = tmp_path / "w"
    root.mkdir()
    (root / "good.py").write_text("def good():\n    return 1\n")
    (root / "binary.dat").write_bytes(b"\0\1\2" * 100)
    (root / "huge.txt").write_text("words and words\n" * 100_000)
    (root / "minified.js").write_text("var a=1;" * 5_000)
    (root / "latin.txt").write_bytes("caf\xe9 au lait\n".encode("latin-1"))
    (root / ".env").write_text("TOKEN=1\n")
    (root / "loop").symlink_to(root)
    (root / "out.py").symlink_to("/etc/hostname")
    os.mkfifo(root / "pipe")
    (root / "empty.py").write_text("")
    async with open_engine(root) as engine:
        report = await engine.index()
        assert report.files == 3  # good.py, latin.txt, empty.py
        reasons = " ".join(report.skipped)
        for word in ("binary", "larger than", "minified", "secrets", "symbolic link", "regular file"):
            assert word in reasons
        assert "may contain secrets" in engine.verdict(root / ".env")
        response = await engine.search(SearchRequest("TOKEN", mode="literal"))
        assert not response.results


async def test_filters_restrict_every_mode(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        for mode in ("hybrid", "semantic", "lexical", "literal"):
            found = await search_paths(engine, "retry", mode=mode, filters=Filters(extensions=("py",)), limit=50)
            assert found
            assert all(path.endswith(".py") for path in found)
        only_tests = await search_paths(engine, "retry", filters=Filters(kinds=("test",)), limit=50)
        assert only_tests
        assert all("test" in path.lower() for path in only_tests)
        assert not await search_paths(engine, "retry", filters=Filters(paths=("!**",)))


async def test_change_of_model_keeps_the_old_index_answering(sample):
    async with open_engine(sample) as engine:
        await engine.index()
    async with open_engine(sample, embedder="static") as engine:
        status = engine.status()
        assert status.embedder_name == "hashing-1"
        assert any("answers until" in reason for reason in status.reasons)
        assert await search_paths(engine, "retry")
        assert (await engine.index()).embedded > 50
        assert engine.status().embedder_name.startswith("codekin-static")
        assert not engine.status().reasons
    async with open_engine(sample, embedder="static") as engine:
        assert (await engine.index()).embedded == 0


async def test_missing_vectors_are_embedded_again(sample, home):
    async with open_engine(sample) as engine:
        first = await engine.index()
    for segment in home.rglob("vectors/**/*.segment"):
        segment.write_bytes(segment.read_bytes()[:100])
    async with open_engine(sample) as engine:
        assert any("are rebuilt" in reason for reason in engine.status().reasons)
        assert not engine.coverage().complete
        assert (await engine.index()).embedded == first.embedded


async def test_clear_empties_and_the_next_pass_fills(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        await engine.clear()
        assert engine.status().files == 0
        assert not engine.coverage().complete  # or an answer would say that there is nothing to find
        assert not await search_paths(engine, "retry")
        assert (await engine.index()).files > 25
