"""The kin of each word: its nearest words by the static model's token vectors, for widening a query.

    python server/training/kin.py MODEL_DIRECTORY

Writes kin.safetensors beside the weights: `words` uint16 (tokens, 10), token numbers, nearest first; `similarity` uint8 (tokens, 10),
the cosine times 255, 0 where there is no further one. Pieces of words and words under three letters have none.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from export import packed

from codekin.embedding.static import StaticEmbedder

MOST = 10
LEAST_COSINE = 0.4
BLOCK = 2_048


def kin(table: np.ndarray, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(words, similarity) as the file has them; `words` (n,) says which rows of `table` are whole words."""
    rows = table[words] / np.maximum(np.linalg.norm(table[words], axis=1, keepdims=True), 1e-9)
    near = np.zeros((len(table), MOST), np.uint16)
    cosine = np.zeros((len(table), MOST), np.uint8)
    for start in range(0, len(words), BLOCK):
        scores = rows[start : start + BLOCK] @ rows.T
        scores[np.arange(len(scores)), np.arange(start, start + len(scores))] = -1
        best = np.argpartition(-scores, MOST, axis=1)[:, :MOST]
        best = np.take_along_axis(
            best, np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable"), axis=1
        )
        values = np.take_along_axis(scores, best, axis=1)
        kept = values > LEAST_COSINE
        at = words[start : start + BLOCK]
        near[at] = np.where(kept, words[best], 0)
        cosine[at] = np.where(kept, np.round(values * 255), 0)
    return near, cosine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    directory = parser.parse_args().model
    model = StaticEmbedder(directory)
    vocabulary = json.loads((directory / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    words = np.array([at for token, at in vocabulary.items() if token.isalpha() and len(token) > 2])
    near, cosine = kin(model.table, words)
    data = packed({"words": ("U16", near), "similarity": ("U8", cosine)})
    (directory / "kin.safetensors").write_bytes(data)
    card_file = directory / "codekin.json"
    card = json.loads(card_file.read_text(encoding="utf-8")) | {"kin_sha256": hashlib.sha256(data).hexdigest()}
    card_file.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{len(words)} words, {(cosine > 0).sum() / len(words):.1f} kin each, {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
