"""Node and Python give the same answers to the same queries on the same files."""

from __future__ import annotations

import json
import os
import subprocess

import numpy as np
import pytest

from codekin.storage.vectors.binary_codes import TWO_STAGE_ROWS
from codekin.storage.vectors.registry import open_vectors
from support.places import ROOT
from support.rows import unit

DIM, K = 32, 20
PROGRAM = """
const { FlatIndex, FlatIndexError } = require(process.argv[1]);
try {
  const index = FlatIndex.open(process.argv[2]);
  const queries = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const answers = queries.map((q) => index.search(Float32Array.from(q), K_BEST).map((h) => [h.key.toString(), h.score]));
  console.log(JSON.stringify({ size: index.size, embedder: index.embedder, answers }));
} catch (error) {
  console.log(JSON.stringify({ refused: error instanceof FlatIndexError, message: error.message }));
}
""".replace("K_BEST", str(K))


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """The bundled reader. In CI its tools must be installed."""
    esbuild = ROOT / "node_modules/.bin/esbuild"
    if not esbuild.exists():
        if os.environ.get("CI"):
            pytest.fail("node_modules is missing: run npm ci")
        pytest.skip("node_modules is missing: run npm ci first")
    bundle = tmp_path_factory.mktemp("reader") / "flatIndex.cjs"
    options = ("--bundle", "--platform=node", "--format=cjs", "--log-level=warning", f"--outfile={bundle}")
    subprocess.run([esbuild, "client/flat-index/flatIndex.ts", *options], cwd=ROOT, check=True)
    return bundle


def ask(reader, directory, queries=()):
    listed = json.dumps([query.tolist() for query in queries])
    done = subprocess.run(
        ["node", "-e", PROGRAM, str(reader), str(directory)], input=listed, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_same_answers_after_adds_deletes_and_compaction(reader, tmp_path):
    rng = np.random.default_rng(0)
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="model-é", writable=True).store
    assert ask(reader, tmp_path / "nowhere")["refused"] is False
    keys = rng.choice(2**63 - 1, 400, replace=False).astype(np.int64)
    rows = unit(rng, 400, DIM)
    rows[100:110] = rows[100]  # ties
    queries = [*unit(rng, 5, DIM), rows[100]]
    steps = [
        lambda: store.add(keys[:150], rows[:150]),
        lambda: store.add(keys[150:], rows[150:]),
        lambda: store.delete(keys[::7]),
        lambda: store.add(keys[:9], rows[40:49]),
        store.compact,
    ]
    for step in steps:
        step()
        answer = ask(reader, tmp_path, queries)
        assert (answer["size"], answer["embedder"]) == (len(store), "model-é")
        for query, got in zip(queries, answer["answers"], strict=True):
            hits = store.search(query, K)
            assert [int(key) for key, _ in got] == hits.keys.tolist()
            assert np.allclose([score for _, score in got], hits.scores, atol=1e-6)
    store.close()


def test_same_answers_from_rows_of_integers(reader, tmp_path):
    rng = np.random.default_rng(0)
    store = open_vectors("flat", tmp_path, dim=64, embedder="m", writable=True).store
    rows = unit(rng, TWO_STAGE_ROWS + 1, 64)
    rows[100] = 0
    store.add(np.arange(len(rows)), rows)
    store.add(np.arange(40_000, 40_050), unit(rng, 50, 64))
    store.delete(np.arange(0, 3_000, 7))
    queries = unit(rng, 3, 64)
    answer = ask(reader, tmp_path, queries)
    assert answer["size"] == len(store)
    keys = store.keys()
    for query, got in zip(queries, answer["answers"], strict=True):
        scores = np.vecdot(store.get(keys)[1], query)
        best = np.lexsort((keys, -scores))[:K]
        assert [int(key) for key, _ in got] == keys[best].tolist()
        assert np.allclose([score for _, score in got], scores[best], atol=1e-6)
    store.close()


@pytest.mark.parametrize("damage", ["manifest", "version", "rows"])
def test_damage_is_refused(reader, tmp_path, damage):
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="m", writable=True).store
    store.add(np.arange(10), unit(np.random.default_rng(0), 10, DIM))
    store.close()
    victim = tmp_path / "MANIFEST" if damage == "manifest" else next(tmp_path.glob("*.segment"))
    data = bytearray(victim.read_bytes())
    data[{"manifest": 30, "version": 4, "rows": -200}[damage]] ^= 0xFF
    victim.write_bytes(data)
    assert ask(reader, tmp_path)["refused"] is True
