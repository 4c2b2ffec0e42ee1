"""What the detectors hand to each other: where a secret stands, and which rule found it."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

WORDS = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "bearer", "://", "curl", "mysql", "eyj")
"""Of what is not known by its own form, one of these stands before it. Most files lack most of them."""


class Found(NamedTuple):
    """Characters [start, end) of a text."""

    start: int
    end: int
    rule: str


def entropy_bits(value: str) -> float:
    """Shannon's entropy of the characters, in bits a character; 0 for an empty value."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())
