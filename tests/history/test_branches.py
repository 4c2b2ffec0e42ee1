"""Switching branches embeds only what differs; switching back embeds nothing."""

from __future__ import annotations

import time

from codekin.chunking import chunk_file
from codekin.domain.search import SearchRequest
from support.engines import open_indexed

FILES, DIFFERING = 1_000, 20


def module(number, animal):
    functions = [
        f"def {name}_{number}(cage):\n" + "".join(f"    cage.{name}_{step} = {number} + {step}\n" for step in range(12))
        for name in ("keep", "feed", "clean")
    ]
    return "\n\n".join([*functions, f"def greet_{number}():\n    return '{animal}'\n"])


def chunk_texts(number, animal):
    return {(chunk.symbol, chunk.text) for chunk in chunk_file("a.py", module(number, animal))}


async def test_switching_branches_embeds_the_differing_chunks_alone(repo):
    animals = {number: "wombat" if number % (FILES // DIFFERING) == 0 else "badger" for number in range(FILES)}
    other = {number: "quokka" for number, animal in animals.items() if animal == "wombat"}
    repo.commit("Begin", {f"pen{number % 25}/a{number}.py": module(number, name) for number, name in animals.items()})
    repo.run("switch", "-qc", "other")
    repo.commit(
        "Another animal", {f"pen{number % 25}/a{number}.py": module(number, name) for number, name in other.items()}
    )
    repo.run("switch", "-q", "main")
    differing = sum(len(chunk_texts(number, "quokka") - chunk_texts(number, "wombat")) for number in other)
    assert DIFFERING <= differing < DIFFERING * len(chunk_texts(0, "quokka"))
    async with open_indexed(repo.folder) as engine:
        assert engine.status().files == FILES
        for branch, animal, new in (("other", "quokka", differing + 1), ("main", "wombat", 0)):  # and the commit
            before = engine.status().computed
            repo.run("switch", "-q", branch)
            started = time.perf_counter()
            await engine.index()
            print(f"{branch}: in step after {time.perf_counter() - started:.2f} s")
            assert engine.status().computed - before == new
            found = (await engine.search(SearchRequest(animal, mode="lexical", limit=FILES))).results
            assert len({item.path for item in found if not item.commit}) == DIFFERING
