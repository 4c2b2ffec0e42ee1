"""Random calls of every tool for agents, each with a random budget: none may answer beyond it."""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from codekin.answers import AgentAnswer, Answers, Budget
from codekin.answers.packing import MAX_TOKENS, MIN_TOKENS, Detail
from codekin.answers.tokens import count_tokens
from codekin.config import load_config
from codekin.engine import Engine
from codekin.errors import CodekinError

_DETAILS: tuple[Detail, ...] = ("lines", "places", "full")
_LENGTHS = (1, 10, 50, 300, 3_000)
_MAX_FILE_BYTES = 200_000


async def measure_budgets(folder: Path, queries: int, seed: int) -> dict[str, Any]:
    """Return how many calls were answered, refused and beyond their budget, by tool.

    `folder` has one repository in each subfolder.
    """
    repositories = sorted(place for place in folder.iterdir() if place.is_dir())
    chance = random.Random(seed)
    counts: dict[str, Counter[str]] = {}
    beyond: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="codekin-budgets-") as home:
        for number, repository in enumerate(repositories):
            share = queries * (number + 1) // len(repositories) - queries * number // len(repositories)
            engine = await Engine.open(load_config({"home": home, "history": False}), [repository], watch=False)
            try:
                await engine.index()
                calls = _Calls(Answers(engine, [repository.resolve()]), repository, chance)
                for _ in range(share):
                    await _asked(calls, counts, beyond)
            finally:
                await engine.close()
    return {
        "machine": machine(),
        "repositories": len(repositories),
        "calls": {tool: dict(count) for tool, count in sorted(counts.items())},
        "beyond": beyond,
    }


async def _asked(calls: _Calls, counts: dict[str, Counter[str]], beyond: list[dict[str, Any]]) -> None:
    tool = calls.chance.choice(sorted(calls.tools))
    count = counts.setdefault(tool, Counter())
    budget = calls.budget()
    try:
        answer = await calls.tools[tool](budget)
    except CodekinError as error:
        count["refused"] += 1
        tokens = count_tokens(str(error))
    else:
        count["answered"] += 1
        tokens = count_tokens(answer.packed.text)
    if tokens > budget.max_tokens:
        count["beyond"] += 1
        beyond.append({"tool": tool, "repository": calls.repository.name, "budget": budget, "tokens": tokens})


class _Calls:
    """Calls about one repository: its texts, names and paths, and bytes that are nothing."""

    def __init__(self, answers: Answers, repository: Path, chance: random.Random) -> None:
        self.repository = repository
        self.chance = chance
        self._answers = answers
        self._files = sorted(
            path
            for path in repository.rglob("*")
            if path.is_file() and 0 < path.stat().st_size <= _MAX_FILE_BYTES and ".git" not in path.parts
        )
        self.tools: dict[str, Callable[[Budget], Awaitable[AgentAnswer]]] = {
            "search": lambda budget: answers.search(self._text(), budget=budget),
            "search in a scope": lambda budget: answers.search(
                self._text(), [f"{self._path().split('/')[0]}/"], budget
            ),
            "expand": lambda budget: answers.expand(self._path(), self._line(), None, budget.max_tokens),
            "related": lambda budget: answers.related(self._path(), self._line(), None, budget),
            "references": lambda budget: answers.references(self._name(), budget),
        }

    def budget(self) -> Budget:
        """Return a random budget, small ones as often as large ones."""
        largest = min(MAX_TOKENS, MIN_TOKENS * 2 ** self.chance.randint(1, 8))
        offset = self.chance.choice((0, 0, 0, self.chance.randint(1, 300)))
        return Budget(self.chance.randint(MIN_TOKENS, largest), self.chance.choice(_DETAILS), offset)

    def _text(self) -> str:
        if self.chance.random() < 0.1:
            return os.fsdecode(self.chance.randbytes(self.chance.choice(_LENGTHS))).encode("utf-8", "replace").decode()
        text = self.chance.choice(self._files).read_text("utf-8", "replace")
        start = self.chance.randrange(len(text))
        return text[start : start + self.chance.choice(_LENGTHS)]

    def _name(self) -> str:
        words = [word for word in self._text().replace("(", " ").replace(".", " ").split() if word.isidentifier()]
        return self.chance.choice(words) if words else "x" * self.chance.choice(_LENGTHS)

    def _path(self) -> str:
        return self.chance.choice(self._files).relative_to(self.repository).as_posix()

    def _line(self) -> int | None:
        return self.chance.choice((None, 1, self.chance.randint(1, 500)))
