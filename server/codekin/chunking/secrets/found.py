"""What the detectors share: the position of a secret and the rule that found it."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

WORDS = ("pass", "pwd", "secret", "token", "key", "cred", "auth", "bearer", "://", "curl", "mysql")
"""Words, one of which precedes every secret that is not recognised by its own form.

Most files lack most of them.
"""


class Found(NamedTuple):
    """Characters [start, end) of a text, and the rule that found them."""

    start: int
    end: int
    rule: str


def entropy_bits(value: str) -> float:
    """Return Shannon's entropy in bits per character; 0 for an empty value."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())
