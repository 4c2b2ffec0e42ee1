"""A chunk that cannot be embedded is retried, then quarantined with its reason.

Everything else is indexed as usual.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from codekin.domain.search import SearchRequest
from codekin.embedding import EMBEDDERS
from codekin.embedding.hashing import HashingEmbedder
from codekin.errors import EmbedderError
from codekin.indexing.vectorizer import UNIT_TEXTS, Vectorizer
from support.engines import open_engine
from support.waiting import until

BAD = "unpronounceable_word"


class Choosy(HashingEmbedder):
    """A model that fails for texts with certain words, or for all, and can change while in use."""

    name = "choosy-1"

    def __init__(self):
        self.refused = (BAD,)
        self.broken = False
        self.hiccups = 0
        self.calls = 0

    def embed_passages(self, texts):
        self.calls += 1
        self.hiccups -= 1
        if self.broken or self.hiccups >= 0:
            raise EmbedderError("the model is out of order")
        if any(word in text for text in texts for word in self.refused):
            raise EmbedderError("this text cannot be read")
        return super().embed_passages(texts)


@pytest.fixture
def model(monkeypatch):
    choosy = Choosy()
    monkeypatch.setitem(EMBEDDERS, "choosy", lambda *_, **__: choosy)
    return choosy


def embed(model, texts, set_aside=None):
    """(keys embedded, rows, set aside, pauses); the keys are the numbers of the texts."""
    pauses, aside = [], {} if set_aside is None else set_aside
    keys, rows = Vectorizer(model, aside, wait=pauses.append).embed(np.arange(len(texts), dtype=np.int64), texts)
    return keys.tolist(), rows, aside, pauses


def test_bad_texts_are_found_among_many():
    texts = [f"text {number} {BAD if number in (0, 700, 2_000) else ''}" for number in range(UNIT_TEXTS * 2 + 1)]
    model = Choosy()
    keys, rows, aside, pauses = embed(model, texts)
    assert set(aside) == {0, 700, 2_000}
    assert set(aside.values()) == {"this text cannot be read"}
    assert keys == [number for number in range(len(texts)) if number not in aside]
    assert np.array_equal(rows, HashingEmbedder().embed_passages([texts[key] for key in keys]))
    assert pauses == [0.05, 0.2, 0.8] * 2, "each unit that fails is tried again, ever later"
    assert model.calls < 90, "halving, not one by one"
    calls = model.calls
    assert embed(model, texts, aside)[0] == keys
    assert model.calls == calls + 2, "what is set aside is not tried again"


def test_a_model_that_recovers_loses_nothing():
    model = Choosy()
    model.hiccups = 3
    keys, _, aside, pauses = embed(model, ["one", "two"])
    assert (keys, aside, len(pauses)) == ([0, 1], {}, 3)


def test_a_model_that_takes_nothing_sets_nothing_aside():
    model = Choosy()
    model.broken = True
    aside = {}
    with pytest.raises(EmbedderError, match="out of order"):
        embed(model, ["one", "two"], aside)
    assert aside == {}


def test_a_vector_that_is_not_finite_is_never_stored():
    class Divides(HashingEmbedder):
        def embed_passages(self, texts):
            rows = super().embed_passages(texts)
            rows[[text == "zero" for text in texts], 3] = np.nan
            return rows

    keys, rows, aside, _ = embed(Divides(), ["one", "zero", "two"])
    assert keys == [0, 2]
    assert np.isfinite(rows).all()
    assert "not finite" in aside[1]


def test_no_texts_are_no_calls():
    model = Choosy()
    assert embed(model, [])[0] == []
    assert model.calls == 0


async def compared(engine):
    (report,) = await engine.compare()
    return report


async def test_one_bad_chunk_blocks_neither_the_pass_nor_its_own_file(sample, model):
    (sample / "api" / "bad.py").write_text(f"def good():\n    return 'quokka'\n\n\ndef bad():\n    return '{BAD}'\n")
    async with open_engine(sample, embedder="choosy") as engine:
        await engine.index()
        assert engine.coverage().complete
        (item,) = (await compared(engine)).quarantined
        assert item.paths == ("api/bad.py",)
        assert item.reason == "this text cannot be read"
        found = await engine.search(SearchRequest(BAD, mode="lexical"))
        assert found.results[0].path == "api/bad.py", "its words are searched"
        (reason,) = engine.status().reasons
        assert reason.startswith("A chunk could not be embedded")
        assert "store sync --fix" in reason
        assert engine.status().state == "degraded"
        calls = model.calls
        await engine.index()
        assert model.calls == calls, "an ordinary pass does not try it again"
    async with open_engine(sample, embedder="choosy") as engine:
        await engine.index()
        assert model.calls == calls, "nor does the next process, which knows of it"
        report = await compared(engine)
        assert not report.in_step
        assert (report.vectors.missing, len(report.quarantined)) == (1, 1)
        async with open_engine(sample, embedder="choosy") as reader:
            assert (await compared(reader)).quarantined == report.quarantined
            assert engine.status().reasons == reader.status().reasons
        (report,) = await engine.repair()
        assert (len(report.quarantined), report.in_step) == (1, False)
        assert model.calls > calls, "a repair does"
        model.refused = ()
        (report,) = await engine.repair()
        assert report.in_step
        assert report.quarantined == ()
        assert engine.status().reasons == ()
    async with open_engine(sample, embedder="choosy") as engine:
        assert (await compared(engine)).in_step


async def test_what_is_set_aside_goes_with_its_text_and_with_its_model(sample, model):
    file = sample / "api" / "bad.py"
    file.write_text(f"def bad():\n    return '{BAD}'\n")
    async with open_engine(sample, embedder="choosy") as engine:
        await engine.index()
        assert len((await compared(engine)).quarantined) == 1
    async with open_engine(sample, embedder="hashing") as engine:
        await engine.index()
        assert (await compared(engine)).in_step
        assert engine.status().reasons == ()
    async with open_engine(sample, embedder="choosy") as engine:
        await engine.index()
        assert len((await compared(engine)).quarantined) == 1
        file.write_text("def good():\n    return 'quokka'\n")
        await engine.files_changed([file])
        assert engine.status().reasons == ()
        assert (await compared(engine)).in_step


async def test_a_model_out_of_order_fails_the_pass_and_is_tried_again(sample, model):
    model.broken = True
    async with open_engine(sample, embedder="choosy", watch=True) as engine:
        await until(lambda: engine.status().reasons)
        assert "out of order" in engine.status().reasons[0]
        model.broken = False
        await until(lambda: engine.coverage().complete and not engine.status().reasons)
        assert (await compared(engine)).in_step


async def test_the_command_names_what_is_set_aside(sample, home, model):
    (sample / "bad.py").write_text(f"def bad():\n    return '{BAD}'\n")
    async with open_engine(sample, embedder="choosy") as engine:
        await engine.index()
    cured = (  # the same model by name, which takes every text
        "import sys, runpy\n"
        "from codekin.embedding import EMBEDDERS\n"
        "from codekin.embedding.hashing import HashingEmbedder\n"
        "class Choosy(HashingEmbedder):\n"
        "    name = 'choosy-1'\n"
        "EMBEDDERS['choosy'] = lambda *_, **__: Choosy()\n"
        "sys.argv = ['codekin', *sys.argv[1:]]\n"
        "runpy.run_module('codekin', run_name='__main__')\n"
    )

    def sync(*arguments):
        return subprocess.run(
            [sys.executable, "-c", cured, "store", "sync", str(sample), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "CODEKIN_EMBEDDER": "choosy"},
        )

    done = sync()
    assert done.returncode == 1, done.stderr
    assert "could not be embedded: a chunk of bad.py: this text cannot be read" in done.stdout
    report = json.loads(sync("--json").stdout)
    assert report["set_aside"] == [{"paths": ["bad.py"], "reason": "this text cannot be read"}]
    assert report["set_aside_chunks"] == 1
    report = json.loads(sync("--fix", "--json").stdout)
    assert (report["in_step"], report["set_aside"], report["embedded"]) == (True, [], 1)
