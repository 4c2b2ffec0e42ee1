"""The start of the training: a WordPiece vocabulary of code and, for each piece, what all-MiniLM-L6-v2 makes of it.

    python server/training/distill.py PAIRS.jsonl.xz MINILM_DIRECTORY OUT_DIRECTORY

Each token goes through the transformer alone; the mean of its token states is reduced to 256 dimensions by principal
components and scaled by sif = a / (a + p), the weight of Arora et al. 2017 for a token of probability p.
"""

from __future__ import annotations

import argparse
import collections
import json
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from text import joined, read_pairs
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

VOCABULARY = 32_000
DIM = 256
SIF_A = 1e-3
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def learn_vocabulary(counts: collections.Counter[str]) -> list[str]:
    """WordPiece over the words of the pairs; every letter and digit is a piece, so that no ASCII word is unknown."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    alphabet = [*CHARACTERS]
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY, special_tokens=["[UNK]"], initial_alphabet=alphabet, limit_alphabet=200, min_frequency=5
    )
    tokenizer.train_from_iterator((" ".join([word] * min(count, 2_000)) for word, count in counts.items()), trainer)
    learnt = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    wanted = [*CHARACTERS, *(f"##{character}" for character in CHARACTERS)]
    return list(dict.fromkeys(["[UNK]", *wanted, *learnt]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    counts: collections.Counter[str] = collections.Counter()
    for pair in read_pairs(arguments.pairs):
        counts.update(joined(f"{pair['query']} {pair['code']}").split())
    vocabulary = learn_vocabulary(counts)
    model = SentenceTransformer(str(arguments.minilm), device="cpu")
    texts = [token.removeprefix("##") for token in vocabulary]
    rows = model.encode(texts, batch_size=512, normalize_embeddings=False, show_progress_bar=False)
    centred = rows - rows.mean(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    reduced = centred @ components[:DIM].T
    total = sum(counts.values())
    frequency = np.array([counts[token.removeprefix("##")] / total for token in vocabulary])
    reduced *= (SIF_A / (SIF_A + frequency))[:, None]
    reduced[0] = 0.0
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.save(arguments.out / "start.npy", reduced.astype(np.float32))
    (arguments.out / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    print(f"{len(vocabulary)} tokens, {total} words, {reduced.shape[1]} dimensions")


if __name__ == "__main__":
    main()
