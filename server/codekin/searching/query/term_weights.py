"""How much the words of a long text count: those that most such texts contain say little.

The rarity of a word in the code alone would let `reproduce` and `expected` decide, which every
issue contains and hardly any code. The weights are made by `server/training/common_words.py`.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from codekin.storage import term_id, terms_of


def weights_of_terms(text: str) -> dict[int, float]:
    """Return the weight in [0.1, 1] of each term of a long text, in their order."""
    common = _common_terms()
    return {term: common.get(term, 1.0) for term in terms_of(text)}


def weights_of_frequent_terms(text: str, most: int) -> dict[int, float]:
    """Return the `most` most frequent terms with their weights, which grow with repetition."""
    common = _common_terms()
    counts = Counter(terms_of(text))
    return {term: (1 + math.log(count)) * common.get(term, 1.0) for term, count in counts.most_common(most)}


@cache
def _common_terms() -> Mapping[int, float]:
    """Return the weights of common words, read once."""
    words = json.loads(files(__package__).joinpath("common_words.json").read_text("utf-8"))
    return {term_id(word): weight for word, weight in words.items()}
