"""Contrastive training of the token vectors on text-to-code pairs.

    python server/training/train.py START_DIRECTORY OUT.npy PAIRS.jsonl.xz... [--runs 3]

InfoNCE (van den Oord et al. 2018) in both directions, over batches drawn from few repositories, so
that most negatives are near misses. The path precedes most code, as when a file is searched.
Repeated words count as little as they do in use (`codekin/embedding/tokenizer.py`). Several runs
with different seeds are averaged: they start from the same vectors, so their mean is one model, and
one that is overfitted less.

A text is a row of a sparse matrix, and Adam updates only the vectors of the batch's tokens, which
is six times faster than a dense table.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack
from text import read_pairs

from codekin.domain.words import words
from codekin.embedding.tokenizer import COUNTS_AGAIN, WordPiece

BATCH = 1024
TEMPERATURE = 0.05
RATE = 3e-3
WARMING = 0.1
"""Share of the steps in which the rate rises to `RATE`; it falls to zero in the others."""
BETAS = 0.9, 0.999
EPOCHS = 3
KEEP = {"doc": 1.0, "name": 0.35, "commit": 0.6, "header": 1.0}
"""Share of the pairs of each kind that an epoch uses."""
VAGUE, SHORT = 3, 6
"""Minimum number of words in a query and in code."""
CODE_WORDS = 96
DROPPED = 0.2
"""Share of the words of short code that are removed at random, so that none is essential."""
WITH_PATH = 0.9
RUN = 128
"""Maximum number of consecutive pairs of a repository."""


@dataclass(frozen=True)
class Pair:
    """The word numbers of one pair."""

    query: np.ndarray
    code: np.ndarray
    path: np.ndarray
    kind: str
    repo: str


@dataclass(frozen=True)
class Pieces:
    """The tokens of each word: for word i `ids[first[i]]` and those after it, `length[i]` in all.

    `tokens` is the size of the vocabulary.
    """

    ids: np.ndarray
    first: np.ndarray
    length: np.ndarray
    tokens: int

    @classmethod
    def of(cls, known: list[str], vocabulary: list[str]) -> Pieces:
        """Split all known words into pieces of the vocabulary."""
        pieces = list(map(WordPiece(vocabulary).pieces, known))
        length = np.array(list(map(len, pieces)))
        return cls(np.concatenate(pieces).astype(np.int64), np.cumsum(length) - length, length, len(vocabulary))

    def bags(self, texts: list[np.ndarray]) -> csr_matrix:
        """Return (texts, tokens): how much each token counts in each text."""
        text = np.repeat(np.arange(len(texts)), [len(numbers) for numbers in texts])
        keys, times = np.unique(np.concatenate(texts) + len(self.first) * text, return_counts=True)
        text, word = np.divmod(keys, len(self.first))
        length = self.length[word]
        within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        counted = 1 + np.searchsorted(COUNTS_AGAIN, times, side="right").astype(np.float32)
        tokens = self.ids[np.repeat(self.first[word], length) + within]
        return csr_matrix((np.repeat(counted, length), (np.repeat(text, length), tokens)), (len(texts), self.tokens))


class Adam:
    """Adam (Kingma and Ba 2015) that updates only rows with a gradient."""

    def __init__(self, table: np.ndarray, steps: int) -> None:
        self.table = table
        self._mean, self._square = np.zeros_like(table), np.zeros_like(table)
        self._steps, self._step = steps, 0

    def move(self, rows: np.ndarray, gradient: np.ndarray) -> None:
        """Make one step of `rows` against their `gradient` (rows, dim)."""
        self._step += 1
        first, second = BETAS
        self._mean[rows] = mean = first * self._mean[rows] + (1 - first) * gradient
        self._square[rows] = square = second * self._square[rows] + (1 - second) * gradient**2
        mean, square = mean / (1 - first**self._step), square / (1 - second**self._step)
        self.table[rows] -= self._rate() * mean / (np.sqrt(square) + 1e-8)

    def _rate(self) -> float:
        warm = WARMING * self._steps
        if self._step < warm:
            return RATE * (1 - np.cos(np.pi * self._step / warm)) / 2
        return RATE * (1 + np.cos(np.pi * min(1, (self._step - warm) / (self._steps - warm)))) / 2


def encode(pairs: Iterator[dict[str, str]]) -> tuple[list[Pair], list[str]]:
    """Return all pairs with enough words, and the words by their number."""
    number: dict[str, int] = {}
    encoded = []
    for pair in pairs:
        query, code, path = (
            np.array([number.setdefault(word, len(number)) for word in words(pair[name])], dtype=np.int64)
            for name in ("query", "code", "path")
        )
        if len(query) >= VAGUE and len(code) >= SHORT:
            encoded.append(Pair(query, code, path, pair["kind"], pair["repo"]))
    return encoded, list(number)


def batches(items: list[Pair], rng: np.random.Generator) -> Iterator[list[Pair]]:
    """Yield batches of pairs in which pairs of the same repository are consecutive."""
    by_repo = defaultdict(list)
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
    """Return words of the path, mostly, and of the code: of long code its beginning or a sample."""
    code = item.code
    if len(code) <= CODE_WORDS:
        code = code[rng.random(len(code)) >= DROPPED]
    elif rng.random() < 0.7:
        code = code[rng.random(len(code)) < CODE_WORDS / len(code)]
    else:
        code = code[:CODE_WORDS]
    return np.concatenate([item.path, code]) if rng.random() < WITH_PATH or not len(code) else code


def learn(adam: Adam, queries: csr_matrix, codes: csr_matrix) -> float:
    """Make one step on a batch and return the loss before it.

    Row i of `codes` is the answer to row i of `queries`.
    """
    query_rows, query_lengths = _units(queries @ adam.table)
    code_rows, code_lengths = _units(codes @ adam.table)
    scores = query_rows @ code_rows.T / TEMPERATURE
    there, back = _softmax(scores), _softmax(scores.T)
    right = np.arange(len(scores))
    loss = -np.log(there[right, right] + 1e-9).mean() - np.log(back[right, right] + 1e-9).mean()
    there[right, right] -= 1
    back[right, right] -= 1
    by_score = (there + back.T) / (len(scores) * TEMPERATURE)
    by_query = _through_length(by_score @ code_rows, query_rows, query_lengths)
    by_code = _through_length(by_score.T @ query_rows, code_rows, code_lengths)
    both = vstack([queries, codes]).tocsc()
    rows = np.flatnonzero(np.diff(both.indptr))
    adam.move(rows, both[:, rows].T.tocsr() @ np.concatenate([by_query, by_code]))
    return float(loss)


def _units(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return rows / lengths, lengths


def _through_length(gradient: np.ndarray, units: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the gradient before rows were divided by their length."""
    return (gradient - units * (gradient * units).sum(axis=1, keepdims=True)) / lengths


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def trained(start: np.ndarray, items: list[Pair], pieces: Pieces, seed: int, epochs: int) -> np.ndarray:
    """Return the token vectors after one run."""
    rng = np.random.default_rng(seed)
    adam = Adam(start.copy(), int(epochs * (sum(KEEP[item.kind] for item in items) / BATCH + 1)))
    for epoch in range(epochs):
        began = time.perf_counter()
        losses = [
            learn(
                adam, pieces.bags([item.query for item in batch]), pieces.bags([passage(item, rng) for item in batch])
            )
            for batch in batches(items, rng)
        ]
        print(f"seed {seed}, epoch {epoch + 1}: {np.mean(losses):.4f}, {time.perf_counter() - began:.0f} s", flush=True)
    return adam.table


def main() -> None:
    """Train several runs and write the mean of their vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("pairs", type=Path, nargs="+")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--runs", type=int, default=3, help="how many runs are averaged")
    arguments = parser.parse_args()
    start = np.load(arguments.start / "start.npy").astype(np.float32)
    start /= np.linalg.norm(start, axis=1).mean()
    items, known = encode(read_pairs(arguments.pairs))
    pieces = Pieces.of(known, json.loads((arguments.start / "vocabulary.json").read_text(encoding="utf-8")))
    print(f"{len(items)} pairs, {len(known)} words, {len(start)} tokens", flush=True)
    mean = np.zeros_like(start)
    for seed in range(arguments.runs):
        mean += trained(start, items, pieces, seed, arguments.epochs) / arguments.runs
        np.save(arguments.out, mean * arguments.runs / (seed + 1))


if __name__ == "__main__":
    main()
