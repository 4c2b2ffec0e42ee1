"""Write how much common words of long texts count, which `searching/query/term_weights.py` reads.

    PYTHONPATH=.:server:server/training python server/training/common_words.py PAIRS QUESTIONS

PAIRS is a .jsonl.xz file of pull requests and commit messages, QUESTIONS the folder of `python -m
benchmarks questions`, of which the issues are read. A word's share is the mean over repositories of
the share of texts that contain it, the larger one of the two sources. Words with a share of at
least 0.004 are common. The weight of a word falls with the logarithm of its share, from 1 to at
least 0.1.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.quality.question_data import read_rows

from codekin.domain.search import LONGEST_QUERY
from codekin.domain.words import words
from codekin.storage import stem

TARGET = Path(__file__).resolve().parents[1] / "codekin" / "searching" / "query" / "common_words.json"
LEAST_SHARE = 0.004
LEAST_WEIGHT = 0.1
LEAST_REPOSITORIES = 3
MOST_TEXTS = 600
"""Number of texts per repository that are read."""


def main() -> None:
    """Read both sources and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("questions", type=Path)
    arguments = parser.parse_args()
    pairs, issues = defaultdict(dict), defaultdict(dict)
    with lzma.open(arguments.pairs, "rt", encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            pairs[pair["repo"]][pair["query"]] = None
    for row in read_rows(arguments.questions):
        if row.kind == "issue":
            issues[row.repo][row.text] = None
    of_pairs, of_issues = shares(pairs), shares(issues)
    common = {word: max(of_pairs.get(word, 0.0), of_issues.get(word, 0.0)) for word in {**of_pairs, **of_issues}}
    weights = {word: weight(share) for word, share in sorted(common.items()) if share >= LEAST_SHARE}
    TARGET.write_text(json.dumps(weights, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def shares(texts: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Return the share of each stem that occurs in texts of several repositories."""
    mean: Counter[str] = Counter()
    repositories: Counter[str] = Counter()
    for own in texts.values():
        some = list(own)[:MOST_TEXTS]
        counts = Counter(word for text in some for word in set(map(stem, words(text[:LONGEST_QUERY]))))
        for word, count in counts.items():
            mean[word] += count / len(some) / len(texts)
            repositories[word] += 1
    return {word: share for word, share in mean.items() if repositories[word] >= LEAST_REPOSITORIES}


def weight(share: float) -> float:
    """Return how much a word with this share counts."""
    return round(max(LEAST_WEIGHT, math.log(share) / math.log(LEAST_SHARE)), 2)


if __name__ == "__main__":
    main()
