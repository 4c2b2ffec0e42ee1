"""Contrastive training of the token vectors on text-to-code pairs.

    python server/training/train.py PAIRS.jsonl.xz START_DIRECTORY OUT.npy [--runs 3]

InfoNCE in both directions over batches drawn from few repositories, so that most negatives are near misses. The path stands
before most code, as it does where a file is looked for. A token that comes again counts by the square root of how often, so
that no long function is about its loop variable alone; what was learnt that way serves the plain mean as well. Several runs of
other seeds are averaged: they begin at the same vectors, so their mean is one model, and one that has learnt less by heart.
"""

from __future__ import annotations

import argparse
import collections
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from text import read_pairs
from torch.nn.functional import cross_entropy, normalize

from codekin.embedding.tokenizer import WordPiece

BATCH = 1024
TEMPERATURE = 0.05
RATE = 3e-3
EPOCHS = 3
"""Six learn the repositories by heart: docs/quality.md."""
KEEP = {"doc": 1.0, "name": 0.35, "commit": 0.6, "header": 1.0}
VAGUE = 3
CODE_TOKENS = 96
DROPPED = 0.2
WITH_PATH = 0.9
RUN = 128


@dataclass(frozen=True)
class Pair:
    """Token ids of one pair."""

    query: np.ndarray
    code: np.ndarray
    path: np.ndarray
    kind: str
    repo: str


def encode(pairs: Iterator[dict[str, str]], pieces: WordPiece) -> list[Pair]:
    """All pairs but those whose query or code says too little."""
    encoded = []
    for pair in pairs:
        query, code, path = (np.array(pieces.ids(pair[name]), dtype=np.int64) for name in ("query", "code", "path"))
        if len(query) >= VAGUE and len(code) >= 8:
            encoded.append(Pair(query, code, path, pair["kind"], pair["repo"]))
    return encoded


def batches(items: list[Pair], rng: np.random.Generator) -> Iterator[list[Pair]]:
    """Batches of pairs, runs of the same repository side by side."""
    by_repo = collections.defaultdict(list)
    for item in items:
        if rng.random() < KEEP[item.kind]:
            by_repo[item.repo].append(item)
    runs = []
    for repo_items in by_repo.values():
        order = rng.permutation(len(repo_items))
        runs.extend([repo_items[at] for at in order[start : start + RUN]] for start in range(0, len(order), RUN))
    row = [item for at in rng.permutation(len(runs)) for item in runs[at]]
    for start in range(0, len(row) - BATCH // 2, BATCH):
        yield row[start : start + BATCH]


def passage(item: Pair, rng: np.random.Generator) -> np.ndarray:
    """The path, mostly, and some of the code: of long code its beginning or a sample of all of it."""
    code = item.code
    if len(code) <= CODE_TOKENS:
        code = code[rng.random(len(code)) >= DROPPED]
    elif rng.random() < 0.7:
        code = code[rng.random(len(code)) < CODE_TOKENS / len(code)]
    else:
        code = code[:CODE_TOKENS]
    return np.concatenate([item.path, code]) if rng.random() < WITH_PATH or not len(code) else code


def embed(table: torch.nn.EmbeddingBag, texts: list[np.ndarray]) -> torch.Tensor:
    """Unit rows: each token of a text times the square root of how often it comes in it."""
    tokens = table.num_embeddings
    text = np.repeat(np.arange(len(texts)), [len(ids) for ids in texts])
    keys, counts = np.unique(np.concatenate(texts) + tokens * text, return_counts=True)
    first = np.searchsorted(keys // tokens, np.arange(len(texts)))
    weights = torch.from_numpy(np.sqrt(counts).astype(np.float32))
    return normalize(table(torch.from_numpy(keys % tokens), torch.from_numpy(first), weights), dim=1)


def trained(start: np.ndarray, items: list[Pair], seed: int, epochs: int) -> np.ndarray:
    """Token vectors after one run."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(start.copy()), freeze=False, mode="sum")
    optimizer = torch.optim.Adam(table.parameters(), lr=RATE)
    steps = int(epochs * (sum(KEEP[item.kind] for item in items) / BATCH + 2)) + 5
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        began, losses = time.perf_counter(), []
        for batch in batches(items, rng):
            queries = embed(table, [item.query for item in batch])
            codes = embed(table, [passage(item, rng) for item in batch])
            scores = queries @ codes.T / TEMPERATURE
            target = torch.arange(len(batch))
            loss = cross_entropy(scores, target) + cross_entropy(scores.T, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"seed {seed}, epoch {epoch + 1}: {np.mean(losses):.4f}, {time.perf_counter() - began:.0f} s", flush=True)
    return table.weight.detach().numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--runs", type=int, default=3, help="how many runs are averaged")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pieces = WordPiece(json.loads((arguments.start / "vocabulary.json").read_text(encoding="utf-8")))
    start = np.load(arguments.start / "start.npy").astype(np.float32)
    start /= np.linalg.norm(start, axis=1).mean()
    items = encode(read_pairs(arguments.pairs), pieces)
    print(f"{len(items)} pairs, {len(start)} tokens", flush=True)
    mean = np.zeros_like(start)
    for seed in range(arguments.runs):
        mean += trained(start, items, seed, arguments.epochs) / arguments.runs
        np.save(arguments.out, mean * arguments.runs / (seed + 1))


if __name__ == "__main__":
    main()
