"""Write the model directory of the package, for sentence-transformers and for `StaticEmbedder`.

python server/training/export.py VOCABULARY.json VECTORS.npy NAME OUT_DIRECTORY
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np

from codekin.embedding.tokenizer import COUNTS_AGAIN

CASE_CHANGE = r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)"
WORD = r"(?<![^\W_])([^\W_]++)"
AGAIN = r"(?>.*?(?<![^\W_])\1(?![^\W_]))"


def surplus() -> str:
    """Return an expression for repetitions of words that do not count; see `COUNTS_AGAIN`.

    It matches a word that is repeated a certain number of times after it. The syntax is
    Oniguruma's, in which (?m) lets a dot match line ends.
    """
    runs = [f"{AGAIN}{{{least}}}(?!{AGAIN}{{{more - least - 1}}})" for least, more in pairwise(COUNTS_AGAIN)]
    return f"(?m){WORD}(?={'|'.join([*runs, f'{AGAIN}{{{COUNTS_AGAIN[-1]}}}'])})"


def tokenizer(vocabulary: list[str]) -> dict:
    """Express `domain/words.py` and `WordPiece` in the format of the tokenizers library."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Replace", "pattern": {"Regex": CASE_CHANGE}, "content": " "},
                {"type": "Lowercase"},
                {"type": "Replace", "pattern": {"Regex": surplus()}, "content": ""},
            ],
        },
        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": r"[\W_]+"}, "behavior": "Removed", "invert": False},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {token: number for number, token in enumerate(vocabulary)},
        },
    }


def safetensors(table: np.ndarray) -> bytes:
    """Return int8 rows with a float32 scale each, which StaticEmbedding multiplies on load."""
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    tensors = {
        "embeddings": ("I8", np.round(table / scales[:, None]).astype(np.int8)),
        "weights": ("F32", scales.astype("<f4")),
    }
    return packed(tensors)


def packed(tensors: dict[str, tuple[str, np.ndarray]]) -> bytes:
    """Return a safetensors file of named arrays, with their types as the format spells them."""
    header: dict[str, object] = {}
    offset = 0
    for name, (dtype, array) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for _, array in tensors.values())


def main() -> None:
    """Write the weights, the tokenizer and the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("name")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    vocabulary = json.loads(arguments.vocabulary.read_text(encoding="utf-8"))
    table = np.load(arguments.vectors).astype(np.float32)
    table[0] = 0.0  # an unknown word must not change the vector of a text
    table /= np.abs(table).max()
    weights = safetensors(table)
    out = arguments.out
    (out / "1_Normalize").mkdir(parents=True, exist_ok=True)
    (out / "model.safetensors").write_bytes(weights)
    (out / "tokenizer.json").write_text(json.dumps(tokenizer(vocabulary), ensure_ascii=False), encoding="utf-8")
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (out / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
    card = {"name": arguments.name, "dim": table.shape[1], "sha256": hashlib.sha256(weights).hexdigest()}
    (out / "codekin.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{out}: {len(vocabulary)} tokens, {len(weights) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
