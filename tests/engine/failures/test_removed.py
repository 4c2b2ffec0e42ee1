"""After the index folder is removed while in use, searches work and the index is rebuilt."""

from __future__ import annotations

import shutil

import pytest

from support.engines import open_engine, search_paths, until_ready
from support.waiting import until


async def ready(engine):
    await until_ready(engine, also=lambda: engine.status().files)


@pytest.mark.parametrize("what", ["home", "indexes", "index", "vectors"])
async def test_what_is_removed_is_built_again(sample, home, what):
    async with open_engine(sample, watch=True) as engine:
        await ready(engine)
        files = engine.status().files
        (index,) = (home / "indexes").iterdir()
        victim = {"home": home, "indexes": home / "indexes", "index": index, "vectors": index / "vectors"}[what]
        shutil.rmtree(victim)
        assert (await search_paths(engine, "quote_cents"))[0] == "api/parcelpost/pricing.py"
        (sample / "api/parcelpost/customs.py").write_text("def declare_customs_value(parcel):\n    return 1\n")

        async def found():
            return "api/parcelpost/customs.py" in await search_paths(engine, "declare_customs_value")

        await until(found)
        await until(lambda: index.joinpath("metadata.sqlite3").exists() and engine.status().files == files + 1)
        await ready(engine)
        assert engine.status().writer
    async with open_engine(sample) as again:
        assert again.status().files == files + 1
        report = await again.index()
        assert report.embedded == 0
    shutil.rmtree(home)


async def test_without_watching_the_next_pass_builds_it_again(sample, home, caplog):
    async with open_engine(sample) as engine:
        files = (await engine.index()).files
        shutil.rmtree(home)
        assert (await engine.index()).files == files
        assert "removed by another process" in caplog.text
        assert not engine.status().reasons
    async with open_engine(sample) as again:
        assert again.status().files == files


async def test_an_idle_server_notices_and_another_process_cannot_become_a_second_writer(sample, home):
    async with open_engine(sample, watch=True) as engine:
        await ready(engine)
        files = engine.status().files
        shutil.rmtree(home)
        await until(lambda: list(home.glob("indexes/*/metadata.sqlite3")) and engine.status().files == files)
        await ready(engine)
        async with open_engine(sample) as other:
            assert (engine.status().writer, other.status().writer) == (True, False)
