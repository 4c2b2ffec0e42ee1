"""Events in every order: nothing that happened last is undone by what happened before it."""

from __future__ import annotations

import asyncio
import os
import threading

import numpy as np
import pytest

from codekin.domain.search import Filters, SearchRequest
from codekin.indexing import reconcile
from support.engines import open_engine
from support.files import write_files
from support.git.repository import init_repository
from support.waiting import until

THREE = {f"part{number}.py": f"def weigh_{number}():\n    return {number}\n" for number in range(3)}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "ws"
    root.mkdir()
    write_files(root, THREE)
    return root


@pytest.fixture
def busy_worker():
    """Keeps the thread that reads and embeds busy until the block ends."""

    class Busy:
        def __init__(self, engine):
            self._worker = engine._worker
            self._go = threading.Event()

        def __enter__(self):
            self._worker.submit(self._go.wait)
            return self

        def __exit__(self, *_):
            self._go.set()

    return Busy


@pytest.fixture
def during_scan(monkeypatch):
    """Make a change after the folder was listed and before the pass uses the list."""

    def install(happening):
        real = reconcile.scan

        def slow(*arguments, **named):
            found = list(real(*arguments, **named))
            happening()
            return iter(found)

        monkeypatch.setattr(reconcile, "scan", slow)

    return install


async def shows(engine, name):
    """Whether a definition of that name is found: by the index, not by reading the file."""
    answer = await engine.search(SearchRequest(name, mode="lexical"))
    return name in [result.symbol for result in answer.results]


async def test_a_file_that_comes_while_the_folder_is_read_stays(folder, during_scan):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        (folder / "part1.py").unlink()
        loop, taken_up = asyncio.get_running_loop(), threading.Event()

        def comes_back():
            (folder / "part1.py").write_text("def came_back():\n    return 2\n")
            changed = asyncio.run_coroutine_threadsafe(engine.files_changed([folder / "part1.py"]), loop)
            changed.result(30)
            taken_up.set()

        during_scan(comes_back)
        await engine.index()
        assert taken_up.is_set()
        assert await shows(engine, "came_back")
        assert engine.coverage().complete


async def test_a_file_that_is_replaced_without_an_event_stays(folder, during_scan):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        (folder / "part1.py").unlink()
        during_scan(lambda: (folder / "part1.py").write_text("def replaced():\n    return 22\n"))
        await engine.index()
        assert await shows(engine, "replaced")


async def test_a_file_that_goes_while_the_folder_is_read_is_gone(folder, during_scan):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        (folder / "part0.py").write_text("def about_to_go():\n    return 0\n")
        loop = asyncio.get_running_loop()

        def goes():
            (folder / "part0.py").unlink(missing_ok=True)
            asyncio.run_coroutine_threadsafe(engine.files_changed([folder / "part0.py"]), loop).result(30)

        during_scan(goes)
        await engine.index()
        assert not await shows(engine, "about_to_go")
        assert engine.status().files == 2


async def test_a_buffer_that_is_closed_while_it_is_embedded_does_not_come_back(folder, busy_worker):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        with busy_worker(engine):
            shown = asyncio.create_task(engine.update_buffer(folder / "part0.py", "def thrown_away():\n    pass\n"))
            await asyncio.sleep(0)
            await engine.close_buffer(folder / "part0.py")
        await shown
        assert not await shows(engine, "thrown_away")
        assert await shows(engine, "weigh_0")


async def test_a_buffer_that_is_opened_again_shows_its_new_text(folder, busy_worker):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        file = folder / "part0.py"
        with busy_worker(engine):
            first = asyncio.create_task(engine.update_buffer(file, "def first_life():\n    pass\n", 7))
            await asyncio.sleep(0)
            await engine.close_buffer(file)
            second = asyncio.create_task(engine.update_buffer(file, "def second_life():\n    pass\n", 1))
            await asyncio.sleep(0)
        await asyncio.gather(first, second)
        assert await shows(engine, "second_life")
        assert not await shows(engine, "first_life")


async def test_an_older_text_does_not_replace_a_younger_one(folder):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        file = folder / "part0.py"
        await engine.update_buffer(file, "def younger():\n    pass\n", 5)
        await engine.update_buffer(file, "def older():\n    pass\n", 4)
        assert await shows(engine, "younger")


async def test_a_save_keeps_what_was_typed_after_it(folder, busy_worker):
    file = folder / "part0.py"
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        await engine.update_buffer(file, "def saved():\n    pass\n", 1)
        file.write_text("def saved():\n    pass\n")
        with busy_worker(engine):
            save = asyncio.create_task(engine.files_changed([file], {file: 1}))
            await asyncio.sleep(0)
            typed = asyncio.create_task(engine.update_buffer(file, "def typed():\n    pass\n", 2))
            await asyncio.sleep(0)
        await asyncio.gather(save, typed)
        assert await shows(engine, "typed")


async def test_a_save_of_the_latest_text_shows_the_file(folder):
    file = folder / "part0.py"
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        await engine.update_buffer(file, "def never_written():\n    pass\n", 3)
        file.write_text("def formatted_on_save():\n    pass\n")
        await engine.files_changed([file], {file: 3})
        assert await shows(engine, "formatted_on_save")
        assert not await shows(engine, "never_written")


async def test_a_save_is_one_commit(folder):
    file = folder / "part0.py"
    async with open_engine(folder, watch=True, history=False) as engine:
        await until(lambda: engine.status().state == "ready")
        metadata = engine._roots.get(folder).index.parts.metadata.store
        before = await metadata.generation()
        await engine.update_buffer(file, "def typed():\n    pass\n", 1)
        file.write_text("def saved_once():\n    pass\n")
        await engine.files_changed([file], {file: 1})
        assert await metadata.generation() == before + 1
        (folder / "part1.py").write_text("def the_next_event():\n    pass\n")
        await until(lambda: shows(engine, "the_next_event"))  # so the watcher has reported the first one as well
        assert await metadata.generation() == before + 2


async def test_a_new_file_and_a_deleted_one_are_one_commit_with_their_folders(folder):
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        metadata = engine._roots.get(folder).index.parts.metadata.store
        before = await metadata.generation()
        (folder / "depot").mkdir()
        fresh = folder / "depot" / "scales.py"
        fresh.write_text("def tare_the_scales():\n    return 0\n")
        await engine.files_changed([fresh])
        assert await metadata.generation() == before + 1
        answer = await engine.search(SearchRequest("depot", filters=Filters(kinds=("directory",))))
        assert answer.results[0].path == "depot/"
        fresh.unlink()
        await engine.files_changed([fresh])
        assert await metadata.generation() == before + 2
        answer = await engine.search(SearchRequest("depot", filters=Filters(kinds=("directory",))))
        assert "depot/" not in [item.path for item in answer.results]


async def test_a_deleted_file_is_not_brought_back_by_its_last_commit(folder, git):
    init_repository(folder, "All parts")
    async with open_engine(folder) as engine:
        await engine.index()
        git(folder, "commit", "--allow-empty", "-m", "Nothing")
        root = engine._roots.get(folder)
        workspace = root.index
        record = workspace.catalog.record("part2.py")
        (folder / "part2.py").unlink()
        await engine.files_changed([folder / "part2.py"])
        await workspace.queue.run(0, lambda: root.steps.rewrite([record]), name="an attribution that comes late")
        assert not await shows(engine, "weigh_2")


async def test_a_write_within_the_same_clock_tick_is_seen(folder):
    file = folder / "part0.py"
    async with open_engine(folder, history=False) as engine:
        await engine.index()
        status = file.stat()
        file.write_text("def weigh_9():\n    return 9\n")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert file.stat().st_size == status.st_size
        await engine.files_changed([file])
        assert await shows(engine, "weigh_9")


async def test_clearing_while_a_pass_is_under_way_leaves_the_index_whole(folder):
    for number in range(300):
        (folder / f"more{number}.py").write_text(f"def more_{number}():\n    return {number}\n" * 20)
    async with open_engine(folder, history=False) as engine:
        cleared = []

        def once(progress):
            if progress.done and not cleared:
                cleared.append(asyncio.ensure_future(engine.clear()))

        await engine.index(once)
        assert cleared
        await asyncio.gather(*cleared)
        await engine.index()
        assert (engine.status().files, engine.coverage().complete) == (303, True)


async def test_vectors_of_a_buffer_never_reach_the_index_of_another_model(folder, tmp_path):
    text = "def typed():\n    return 1\n"
    async with open_engine(folder, history=False, embedder="static") as engine:
        await engine.index()
    async with open_engine(folder, history=False, embedder="hashing") as engine:
        assert engine.status().embedder_name != "hashing-1"
        await engine.update_buffer(folder / "part0.py", text)
        await engine.index()
        workspace = engine._roots.get(folder).index
        model, store = workspace.parts.serving.embedder, workspace.parts.serving.vectors
        assert workspace.parts.building is None
        (node,) = [item for item in workspace.catalog.record("part0.py").nodes if item.symbol]
        found, rows = store.get(np.array([node.key]))
        assert found.all()
        await engine.search(SearchRequest("typed", mode="semantic"))
        assert await shows(engine, "typed")
    async with open_engine(folder, history=False, embedder="hashing", home=str(tmp_path / "fresh")) as fresh:
        await fresh.index()
        other = fresh._roots.get(folder).index.parts.serving.vectors.get(np.array([node.key]))[1]
        assert float(rows[0] @ other[0]) == pytest.approx(1.0, abs=1e-6)
        assert fresh.status().embedder_name == model.name
