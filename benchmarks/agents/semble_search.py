"""A search with semble, run by a Python that has it: a question on standard input, JSON on output.

The weights of its model cannot be installed from a package registry, so its lexical part answers:
BM25 with its boosts and its rules for paths (`alpha` 0). The model that is passed has no influence.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import semble.index.index as index_module  # type: ignore[import-not-found]
from model2vec import StaticModel  # type: ignore[import-not-found]
from semble import SembleIndex  # type: ignore[import-not-found]
from tokenizers import Tokenizer, models, pre_tokenizers  # type: ignore[import-not-found]


def main() -> None:
    """Print the results for the folder and the number of results that the arguments name."""
    folder, limit = sys.argv[1], int(sys.argv[2])
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))  # noqa: S106 - a token of text
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    model = StaticModel(np.ones((1, 2), np.float32), tokenizer)
    index_module.load_model = lambda _path=None: (model, "none")
    found = SembleIndex.from_path(folder).search(sys.stdin.read(), top_k=limit, alpha=0.0)
    shown = [
        {
            "file_path": item.chunk.file_path,
            "start_line": item.chunk.start_line,
            "end_line": item.chunk.end_line,
            "score": item.score,
            "content": item.chunk.content,
        }
        for item in found
    ]
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    main()
