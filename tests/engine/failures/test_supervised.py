"""Failed background work is reported and retried, and everything opened is closed.

Folders are also added and removed concurrently.
"""

from __future__ import annotations

import asyncio
import threading

import pytest

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.engine.work.write_queue import Priority
from codekin.errors import IndexDamagedError, IndexUnavailableError, SettingsError
from support.engines import open_engine
from support.waiting import until


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "ws"
    root.mkdir()
    for number in range(3):
        (root / f"part{number}.py").write_text(f"def weigh_{number}():\n    return {number}\n")
    return root


class Failing:
    """Stands in front of a method of a real object, and fails as long as `error` is set."""

    def __init__(self, monkeypatch, target, name, error):
        self.error, self.calls = error, 0
        real = getattr(target, name)

        def failing(*arguments, **named):
            self.calls += 1
            if self.error is not None:
                raise self.error
            return real(*arguments, **named)

        monkeypatch.setattr(target, name, failing)


def workspace_of(engine, folder):
    return engine._roots.get(folder).index


async def ready(engine):
    await until(lambda: engine.status().state == "ready", lambda: str(engine.status()))


async def found(engine, name):
    answer = await engine.search(SearchRequest(name, mode="lexical"))
    return name in [result.symbol for result in answer.results]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), IndexUnavailableError("Away."), ValueError("odd")]
)
async def test_a_save_that_fails_is_tried_again_whatever_else_succeeds(folder, monkeypatch, error):
    async with open_engine(folder, watch=True, history=False) as engine:
        await ready(engine)
        failing = Failing(monkeypatch, workspace_of(engine, folder).parts.target.vectors, "add", error)
        (folder / "part0.py").write_text("def saved_while_full():\n    return 'walrus'\n")
        await until(lambda: failing.calls and engine.status().reasons)
        assert engine.status().state == "degraded"
        failing.error = None
        (folder / "part1.py").write_text("def saved_after():\n    return 'otter'\n")
        await until(lambda: found(engine, "saved_after"))
        await until(lambda: found(engine, "saved_while_full"))
        await ready(engine)
        assert engine.status().reasons == ()
        assert engine.status().measures.index_errors


async def test_an_unexpected_exception_of_a_pass_is_shown_and_tried_again(folder, monkeypatch):
    async with open_engine(folder, watch=True, history=False) as engine:
        await ready(engine)
        failing = Failing(monkeypatch, workspace_of(engine, folder).rules, "invalidate", RuntimeError("no such user"))
        (folder / ".codekinignore").write_text("*.log\n")
        await until(lambda: any("RuntimeError" in reason for reason in engine.status().reasons))
        (folder / "later.py").write_text("def while_it_fails():\n    return 1\n")
        await until(lambda: found(engine, "while_it_fails"))
        failing.error = None
        await ready(engine)


async def test_a_failed_pass_is_not_cleared_by_a_save(folder, monkeypatch):
    async with open_engine(folder, watch=True, history=False) as engine:
        await ready(engine)
        Failing(monkeypatch, workspace_of(engine, folder).rules, "invalidate", RuntimeError("for good"))
        (folder / ".codekinignore").write_text("*.log\n")
        await until(lambda: engine.status().reasons)
        (folder / "part0.py").write_text("def saved_meanwhile():\n    return 1\n")
        await until(lambda: found(engine, "saved_meanwhile"))
        assert any("RuntimeError" in reason for reason in engine.status().reasons)
        assert engine.status().state != "ready"


async def test_watching_that_cannot_begin_does_not_keep_the_folder_from_being_indexed(folder, monkeypatch):
    from codekin.engine import supervisor

    real, fails = supervisor.Watcher.start, [OSError(36, "File name too long"), ValueError("odd")]

    def start(self):
        if fails:
            raise fails.pop()
        real(self)

    monkeypatch.setattr(supervisor.Watcher, "start", start)
    async with open_engine(folder, watch=True, history=False) as engine:
        await until(lambda: found(engine, "weigh_0"))
        assert any("Watching the folder failed" in reason for reason in engine.status().reasons)
        await until(lambda: not fails)
        await ready(engine)
        (folder / "part0.py").write_text("def seen_by_the_watch():\n    return 1\n")
        await until(lambda: found(engine, "seen_by_the_watch"))


async def test_a_poison_file_is_found_and_named_and_the_others_are_indexed(folder, monkeypatch):
    from codekin.indexing import pipeline

    real = pipeline.prepare_source

    def poisoned(source, *arguments, **named):
        if source.path == "poison.py" and "harmless" not in source.text:
            raise ZeroDivisionError("poison")
        return real(source, *arguments, **named)

    monkeypatch.setattr(pipeline, "prepare_source", poisoned)
    for number in range(20):
        (folder / f"more{number}.py").write_text(f"def more_{number}():\n    return {number}\n")
    (folder / "poison.py").write_text("def poison():\n    return 1\n")
    async with open_engine(folder, history=False) as engine:
        report = await engine.index()
        assert report.files == 23
        (reason,) = report.skipped
        assert reason.startswith("quarantined: ZeroDivisionError")
        assert any("poison.py is quarantined" in reason for reason in engine.status().reasons)
        assert engine.coverage().complete
        assert "quarantined" in engine.verdict(folder / "poison.py")
    async with open_engine(folder, history=False) as engine:  # remembered
        before = engine.status().measures.index_errors
        await engine.index()
        assert engine.status().measures.index_errors == before
        assert any("poison.py is quarantined" in reason for reason in engine.status().reasons)
        (folder / "poison.py").write_text("def harmless():\n    return 1\n")
        await engine.index()
        assert not engine.status().reasons
        assert await found(engine, "harmless")


async def test_a_poison_file_that_is_saved_leaves_the_other_saves_alone(folder, monkeypatch):
    async with open_engine(folder, watch=True, history=False) as engine:
        await ready(engine)
        store = workspace_of(engine, folder).parts.metadata.store
        real = store.apply

        async def refusing(changes):
            if any(record.path == "part0.py" for record in changes.written):
                raise OverflowError("too large for the database")
            return await real(changes)

        monkeypatch.setattr(store, "apply", refusing)
        for number in range(3):
            (folder / f"part{number}.py").write_text(f"def changed_{number}():\n    return {number}\n")
        await until(lambda: found(engine, "changed_1"))
        await until(lambda: found(engine, "changed_2"))
        await until(lambda: any("part0.py is quarantined" in reason for reason in engine.status().reasons))


async def test_whatever_fails_to_close_the_rest_is_closed_and_the_locks_are_free(folder, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.py").write_text("def other():\n    return 1\n")
    threads = set(threading.enumerate())
    engine = await Engine.open(load_config({"embedder": "hashing"}), [folder, other], watch=True)
    await ready(engine)
    for root in (folder, other):
        parts = workspace_of(engine, root).parts
        Failing(monkeypatch, parts.serving.vectors, "close", IndexUnavailableError("No space left on device."))
        Failing(monkeypatch, parts.lexical, "close", ZeroDivisionError())
    first, second = await asyncio.gather(engine.close(), engine.close())
    assert first is second is False
    again = await Engine.open(load_config({"embedder": "hashing"}), [folder, other], watch=False)
    assert again.status().writer
    assert await again.close()

    def left():  # the loop's own threads end with the loop
        return {item.name for item in set(threading.enumerate()) - threads if not item.name.startswith("asyncio_")}

    await until(lambda: not left(), lambda: str(left()))
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_closing_ends_in_time_though_a_thread_hangs(folder, monkeypatch):
    engine = await Engine.open(load_config({"embedder": "hashing"}), [folder], watch=False)
    await engine.index()
    hangs = threading.Event()
    engine._worker.submit(hangs.wait)
    try:
        closed = await asyncio.wait_for(engine.close(), 20)
        assert closed is False
    finally:
        hangs.set()

    async def lock_is_free():
        again = await Engine.open(load_config({"embedder": "hashing"}), [folder], watch=False)
        try:
            return again.status().writer
        finally:
            await again.close()

    await until(lock_is_free)


async def test_one_folder_added_twice_at_once_is_one_root(folder, tmp_path):
    others = [tmp_path / name for name in "abc"]
    for other in others:
        other.mkdir()
        (other / "x.py").write_text("def here():\n    return 1\n" * 50)
    async with open_engine(folder, history=False) as engine:
        indexing = asyncio.create_task(engine.index())
        await asyncio.sleep(0)
        await asyncio.gather(*(engine.add_root(other) for other in (*others, *others, *others)))
        await indexing
        await engine.index()
        assert len(engine.status().roots) == 4
        assert engine.status().writer
        adding = asyncio.create_task(engine.remove_root(others[0]))
        await asyncio.gather(engine.add_root(others[1]), engine.remove_root(others[2]), adding)
        assert len(engine.status().roots) == 2


async def test_a_root_that_cannot_be_opened_is_reported_and_does_not_take_the_others_along(folder, tmp_path):
    missing = tmp_path / "on a drive that is away"
    async with open_engine(missing, folder, watch=True, history=False) as engine:
        await until(lambda: found(engine, "weigh_0"))
        assert any(str(missing) in reason for reason in engine.status().reasons)
        with pytest.raises(SettingsError):
            await engine.add_root(tmp_path / "neither")
        missing.mkdir()
        (missing / "x.py").write_text("def it_is_back():\n    return 1\n")
        await until(lambda: found(engine, "it_is_back"))
        await engine.remove_root(tmp_path / "neither")
        await ready(engine)


async def test_a_folder_within_a_folder_gives_each_result_once(folder):
    inner = folder / "inner"
    inner.mkdir()
    (inner / "deep.py").write_text("def deep_inside():\n    return 1\n")
    async with open_engine(folder, inner, history=False) as engine:
        await engine.index()
        for mode in ("hybrid", "literal", "lexical"):
            answer = await engine.search(SearchRequest("deep_inside", mode=mode))
            places = [(item.root, item.path) for item in answer.results if "deep.py" in item.path]
            assert places == [(str(inner), "deep.py")]
        await engine.remove_root(inner)
        answer = await engine.search(SearchRequest("deep_inside", mode="literal"))
        assert [item.path for item in answer.results] == ["inner/deep.py"]


async def test_damage_that_a_save_meets_is_mended_by_a_pass(folder, monkeypatch):
    async with open_engine(folder, watch=True, history=False) as engine:
        await ready(engine)
        store = workspace_of(engine, folder).parts.target.vectors
        lost = store.keys()
        Failing(monkeypatch, store, "add", IndexDamagedError("A segment is not what was written."))
        store.delete(lost)
        (folder / "part0.py").write_text("def saved_on_damage():\n    return 1\n")
        await until(lambda: found(engine, "saved_on_damage"))
        await ready(engine)
        assert (await engine.compare())[0].in_step


async def test_stores_that_are_opened_anew_while_closing_are_closed_as_well(folder):
    threads = set(threading.enumerate())
    for _ in range(5):
        engine = await Engine.open(load_config({"embedder": "hashing"}), [folder], watch=False)
        workspace = workspace_of(engine, folder)
        reopening = workspace.queue.submit(Priority.CONTROL, workspace._reopen, name="opening anew")
        await asyncio.sleep(0)
        assert await engine.close()
        await asyncio.wait({reopening})

    def left():
        return {item.name for item in set(threading.enumerate()) - threads if not item.name.startswith("asyncio_")}

    await until(lambda: not left(), lambda: str(left()))
