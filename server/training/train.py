"""Contrastive training of the token vectors on text-to-code pairs.

    python server/training/train.py PAIRS.jsonl.xz START_DIRECTORY OUT.npy [--epochs 6]

InfoNCE in both directions over batches drawn from few repositories, so that most negatives are near misses. Weights of the
kinds of pairs are their share of the batches. Seeds are fixed; two cores take some minutes.
"""

from __future__ import annotations

import argparse
import collections
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from text import read_pairs

from codekin.embedding.tokenizer import WordPiece

BATCH = 1024
TEMPERATURE = 0.05
KEEP = {"doc": 1.0, "name": 0.35, "commit": 0.6, "header": 1.0}
VAGUE = 3


def flat(ids: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """(token ids in a row, where each text begins)."""
    lengths = np.array([len(item) for item in ids])
    return torch.from_numpy(np.concatenate(ids)), torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)[:-1]]))


def encode(pairs: list[dict[str, str]], pieces: WordPiece) -> list[tuple[np.ndarray, np.ndarray]]:
    """Token ids of queries and codes; the path's last parts belong to the code."""
    encoded = []
    for pair in pairs:
        query = np.array(pieces.ids(pair["query"]), dtype=np.int64)
        code = np.array(pieces.ids(pair["code"]), dtype=np.int64)
        if len(query) >= VAGUE and len(code) >= 8:
            encoded.append((query, code, pair["kind"], pair["repo"]))
    return encoded


def batches(items: list, rng: np.random.Generator) -> Iterator[list]:
    """Batches of pairs, runs of the same repository side by side."""
    chosen = [item for item in items if rng.random() < KEEP[item[2]]]
    by_repo = collections.defaultdict(list)
    for item in chosen:
        by_repo[item[3]].append(item)
    runs = []
    for repo_items in by_repo.values():
        order = rng.permutation(len(repo_items))
        runs.extend([repo_items[at] for at in order[start : start + 128]] for start in range(0, len(order), 128))
    row = [item for at in rng.permutation(len(runs)) for item in runs[at]]
    for start in range(0, len(row) - BATCH // 2, BATCH):
        yield row[start : start + BATCH]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--drop", type=float, default=0.3, help="share of code tokens left out at random")
    parser.add_argument("--limit", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    pieces = WordPiece(json.loads((arguments.start / "vocabulary.json").read_text(encoding="utf-8")))
    start = np.load(arguments.start / "start.npy")
    start /= np.linalg.norm(start, axis=1).mean()
    table = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(start), freeze=False, mode="mean")
    items = encode(list(read_pairs(arguments.pairs)), pieces)
    if arguments.limit:
        items = items[: arguments.limit]
    print(f"{len(items)} pairs, {table.num_embeddings} tokens", flush=True)
    optimizer = torch.optim.Adam(table.parameters(), lr=arguments.rate)
    steps = arguments.epochs * sum(KEEP[item[2]] for item in items) / BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, arguments.rate, total_steps=int(steps * 1.1) + 20, pct_start=0.1
    )
    for epoch in range(arguments.epochs):
        began, losses = time.perf_counter(), []
        for batch in batches(items, rng):
            queries = table(*flat([item[0] for item in batch]))
            codes = table(*flat([thinned(item[1], arguments.drop, rng) for item in batch]))
            queries = torch.nn.functional.normalize(queries, dim=1)
            codes = torch.nn.functional.normalize(codes, dim=1)
            scores = queries @ codes.T / TEMPERATURE
            target = torch.arange(len(batch))
            loss = torch.nn.functional.cross_entropy(scores, target) + torch.nn.functional.cross_entropy(
                scores.T, target
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {time.perf_counter() - began:.0f} s", flush=True)
        np.save(arguments.out, table.weight.detach().numpy())


def thinned(ids: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A text with some tokens left out, never all."""
    kept = ids[rng.random(len(ids)) >= share]
    return kept if len(kept) else ids


if __name__ == "__main__":
    main()
