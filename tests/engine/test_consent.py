"""A huge first index waits for a person's consent, and only that one."""

from __future__ import annotations

import asyncio

import pytest

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine, Estimate
from codekin.errors import SettingsError
from support.waiting import DEADLINE_S


@pytest.fixture
async def opened():
    engines = []

    async def start(root, most):
        settings = {"embedder": "hashing", "history": False, "watch": False, "confirmAboveFiles": most}
        engine = await Engine.open(load_config(settings), [root], watch=True)
        engines.append(engine)
        return engine

    yield start
    for engine in engines:
        await engine.close()


async def state(engine, wanted):
    """Waits for the state: the status is told with every change."""
    reached = asyncio.Event()
    stop = engine.subscribe(lambda status: reached.set() if status.state == wanted else None)
    if engine.status().state != wanted:
        await asyncio.wait_for(reached.wait(), DEADLINE_S)
    stop()
    return engine.status()


@pytest.fixture
def root(tmp_path):
    for number in range(6):
        (tmp_path / f"f{number}.py").write_text(f"def retry_{number}():\n    return {number}\n")
    return tmp_path


async def test_above_the_threshold_nothing_is_read_until_resumed(opened, root):
    engine = await opened(root, 5)
    status = await state(engine, "paused")
    assert status.estimate is not None
    assert status.estimate.files == 6
    assert status.estimate.source_bytes == sum(path.stat().st_size for path in root.iterdir())
    assert status.files == status.computed == 0
    assert any("6 files" in reason and "Resume" in reason for reason in status.reasons)
    assert not (await engine.search(SearchRequest("retry"))).results
    await engine.resume()
    status = await state(engine, "ready")
    assert (status.files, status.estimate) == (6, None)


async def test_up_to_the_threshold_it_begins_at_once(opened, root):
    engine = await opened(root, 6)
    assert (await state(engine, "ready")).files == 6


async def test_a_later_pass_never_waits(opened, root):
    engine = await opened(root, 0)
    await state(engine, "ready")
    await engine.close()
    for number in range(6, 20):
        (root / f"f{number}.py").write_text(f"def retry_{number}():\n    return {number}\n")
    again = await opened(root, 5)
    assert (await state(again, "ready")).files == 20


async def test_who_asks_for_an_index_is_not_asked(opened, root):
    engine = await opened(root, 0)
    await state(engine, "ready")
    await engine.close()
    again = await opened(root, 5)
    report = await asyncio.wait_for(again.index(rebuild=True), DEADLINE_S)
    assert report.files == 6


async def test_an_engine_that_waits_can_be_closed(opened, root):
    engine = await opened(root, 5)
    await state(engine, "paused")
    await asyncio.wait_for(engine.close(), DEADLINE_S)


def test_a_threshold_is_a_number():
    with pytest.raises(SettingsError, match="confirmAboveFiles"):
        load_config({"confirmAboveFiles": -1})


def test_an_estimate_in_words():
    estimate = Estimate(48_000, 600_000_000)
    assert 300 < estimate.seconds < 1_000
    assert estimate.disk_bytes > estimate.source_bytes
    assert estimate.text == "48,000 files (600 MB) in about 8 minutes, with 1.5 GB of disk"
    assert estimate.text in estimate.reason
    assert Estimate(6, 2_000).text == "6 files (less than 1 MB) in about 10 seconds, with less than 1 MB of disk"
