"""Answers as blocks of text by file, cut at a budget of tokens, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codekin.answers.tokens import count_tokens

BUDGETS = (500, 1_000, 2_000, 4_000, 8_000)
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Block:
    """Some text of one file, with its number of tokens."""

    path: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Worth:
    """What an answer is worth: whether all targets are in it, and its precision.

    `precision` is the share of tokens that are in targets, `files` the number of files.
    """

    complete: float
    precision: float
    files: float
    tokens: float


def block_of(path: str, numbers: Sequence[int], lines: Sequence[str]) -> Block:
    """Return numbered lines as `rg --heading --line-number` prints them."""
    text = "\n".join([path, *(f"{number + 1}:{lines[number][:LONGEST_LINE]}" for number in numbers)])
    return Block(path, count_tokens(text) + 1)


def within(blocks: Iterable[Block], budget: int) -> list[Block]:
    """Return the blocks that fit, the last one cut to what is left."""
    taken: list[Block] = []
    left = budget
    for block in blocks:
        if left <= 0:
            break
        taken.append(Block(block.path, min(block.tokens, left)))
        left -= block.tokens
    return taken


def worth(blocks: Sequence[Block], targets: Sequence[str], overhead: int = 0) -> Worth:
    """Return what an answer is worth. `overhead` are tokens that belong to no file."""
    total = sum(block.tokens for block in blocks) + overhead
    good = sum(block.tokens for block in blocks if block.path in targets)
    paths = {block.path for block in blocks}
    return Worth(float(set(targets) <= paths), good / max(1, total), len(paths), total)
