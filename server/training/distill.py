"""The start of the training: a WordPiece vocabulary of code, with vectors from all-MiniLM-L6-v2.

    python server/training/distill.py MINILM_DIRECTORY OUT_DIRECTORY PAIRS.jsonl.xz...

The vocabulary has words that occur in several repositories, and pieces that WordPiece learns for
all others. Each token is embedded by the transformer alone; the mean of its token states is reduced
to 256 dimensions by principal components and scaled by sif = a / (a + p), the weight of Arora et
al. 2017 for a token of probability p.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from text import read_pairs
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from codekin.domain.words import words
from codekin.embedding.tokenizer import WordPiece

PIECES = 32_000
"""Vocabulary size given to WordPiece. Only pieces that continue a word are used."""
DIM = 256
SIF_A = 1e-3
REPOSITORIES, TIMES, LONGEST = 5, 5, 24
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
CHANCE = re.compile(r"(.)\1\1|\d{4}")
"""Numbers and ornaments, which have no common meaning in different texts."""


def learn_pieces(counts: Mapping[str, int]) -> list[str]:
    """Return pieces that continue a word.

    Every letter and digit is one, so that no ASCII word is unknown.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(
        vocab_size=PIECES,
        special_tokens=["[UNK]"],
        initial_alphabet=[*CHARACTERS],
        limit_alphabet=200,
        min_frequency=5,
        show_progress=False,
    )
    tokenizer.train_from_iterator((" ".join([word] * min(count, 2_000)) for word, count in counts.items()), trainer)
    learnt = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    pieces = [token for token, _ in learnt if token.startswith("##") and len(token) <= 10 and not CHANCE.search(token)]
    single = [token for token, _ in learnt if len(token) == 1]
    return [*CHARACTERS, *(f"##{character}" for character in CHARACTERS), *single, *pieces]


def learn_words(counts: Mapping[str, int], repositories: Mapping[str, int]) -> list[str]:
    """Return whole words that are frequent in several repositories."""
    return [
        word
        for word, count in counts.items()
        if count >= TIMES
        and repositories[word] >= REPOSITORIES
        and word.isascii()
        and (word.isalpha() or len(word) <= 4)
        and len(word) <= LONGEST
        and not CHANCE.search(word)
    ]


def start_vectors(vocabulary: list[str], counts: Mapping[str, int], minilm: Path) -> np.ndarray:
    """Return (tokens, DIM) as described above; a token counts in every word that contains it."""
    torch.manual_seed(0)
    model = SentenceTransformer(str(minilm), device="cpu")
    texts = list(dict.fromkeys(token.removeprefix("##") for token in vocabulary))
    place = {text: at for at, text in enumerate(texts)}
    rows = model.encode(texts, batch_size=256, normalize_embeddings=False, show_progress_bar=False)
    rows = rows[[place[token.removeprefix("##")] for token in vocabulary]]
    centred = rows - rows.mean(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    frequency = np.zeros(len(vocabulary))
    wordpiece = WordPiece(vocabulary)
    for word, count in counts.items():
        for token in wordpiece.pieces(word):
            frequency[token] += count
    frequency /= frequency.sum()
    vectors = centred @ components[:DIM].T * (SIF_A / (SIF_A + frequency))[:, None]
    vectors[0] = 0.0
    return vectors.astype(np.float32)


def main() -> None:
    """Write the vocabulary and the start vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("pairs", type=Path, nargs="+")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    counts: Counter[str] = Counter()
    of_repository: defaultdict[str, set[str]] = defaultdict(set)
    for pair in read_pairs(arguments.pairs):
        found = words(f"{pair['path']} {pair['query']} {pair['code']}")
        counts.update(found)
        of_repository[pair["repo"]].update(found)
    repositories = Counter(word for known in of_repository.values() for word in known)
    vocabulary = list(dict.fromkeys(["[UNK]", *learn_pieces(counts), *learn_words(counts, repositories)]))
    start = start_vectors(vocabulary, counts, arguments.minilm)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.save(arguments.out / "start.npy", start)
    (arguments.out / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    print(f"{len(vocabulary)} tokens, {counts.total()} words, {start.shape[1]} dimensions")


if __name__ == "__main__":
    main()
