"""The home of the indexes is removed while a server uses it: searches go on, and the index is built again."""

from __future__ import annotations

import shutil

import pytest

from support.waiting import until


async def ready(engine):
    await until(
        lambda: engine.coverage().complete and engine.status().state in ("ready", "degraded") and engine.status().files,
        engine.status,
    )


@pytest.mark.parametrize("what", ["home", "indexes", "index", "vectors"])
async def test_what_is_removed_is_built_again(opened, sample, home, paths_of, what):
    async with opened(sample, watch=True) as engine:
        await ready(engine)
        files = engine.status().files
        (index,) = (home / "indexes").iterdir()
        victim = {"home": home, "indexes": home / "indexes", "index": index, "vectors": index / "vectors"}[what]
        shutil.rmtree(victim)
        assert (await paths_of(engine, "quote_cents"))[0] == "api/parcelpost/pricing.py"
        (sample / "api/parcelpost/customs.py").write_text("def declare_customs_value(parcel):\n    return 1\n")

        async def found():
            return "api/parcelpost/customs.py" in await paths_of(engine, "declare_customs_value")

        await until(found)
        await until(lambda: index.joinpath("metadata.sqlite3").exists() and engine.status().files == files + 1)
        await ready(engine)
        assert engine.status().writer
    async with opened(sample) as again:
        assert again.status().files == files + 1
        report = await again.index()
        assert report.embedded == 0
    shutil.rmtree(home)


async def test_without_watching_the_next_pass_builds_it_again(opened, sample, home, caplog):
    async with opened(sample) as engine:
        files = (await engine.index()).files
        shutil.rmtree(home)
        assert (await engine.index()).files == files
        assert "removed by another process" in caplog.text
        assert not engine.status().reasons
    async with opened(sample) as again:
        assert again.status().files == files


async def test_an_idle_server_notices_and_another_process_cannot_become_a_second_writer(opened, sample, home):
    async with opened(sample, watch=True) as engine:
        await ready(engine)
        files = engine.status().files
        shutil.rmtree(home)
        await until(lambda: list(home.glob("indexes/*/metadata.sqlite3")) and engine.status().files == files)
        await ready(engine)
        async with opened(sample) as other:
            assert (engine.status().writer, other.status().writer) == (True, False)
