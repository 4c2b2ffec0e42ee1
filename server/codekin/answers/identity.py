"""Which folder and revision an answer is about, and how fresh the index is."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

from codekin.answers.tokens import brief
from codekin.display import short_sha, visible
from codekin.domain.search import Coverage
from codekin.errors import HistoryError, SettingsError
from codekin.history import WorktreeState, worktree_state

_KNOWN_S = 1.0
"""Time for which the state of a work tree is not read again."""
_LONGEST_PATH = 100


@dataclass(frozen=True, slots=True)
class Identity:
    """The root, its revision ("" outside git), and how much of it is indexed.

    `is_dirty` is whether tracked files differ from the revision.
    """

    root: Path
    revision: str
    is_dirty: bool
    coverage: Coverage

    @property
    def line(self) -> str:
        """One line for a model."""
        root = visible(str(self.root))
        name = root if len(root) <= _LONGEST_PATH else f"…{root[-_LONGEST_PATH:]}"
        changed = " with uncommitted changes" if self.is_dirty else ""
        where = f" @ {self.revision}{changed}" if self.revision else ""
        total = self.coverage.total
        if self.coverage.complete:
            return f"{name}{where}; index current, {total:,} file{'' if total == 1 else 's'}"
        return f"{name}{where}; INDEX INCOMPLETE: {self.coverage.indexed:,} of {total:,} files so far"


class Identities:
    """The roots that may be asked about, in order; the first is the default."""

    def __init__(self, roots: list[Path]) -> None:
        self._roots = list(roots)
        self._states: dict[Path, tuple[float, WorktreeState | None]] = {}

    @property
    def roots(self) -> tuple[Path, ...]:
        """The served folders."""
        return tuple(self._roots)

    def add(self, root: Path) -> None:
        """Serve another folder."""
        if root not in self._roots:
            self._roots.append(root)

    def resolve(self, name: str) -> Path:
        """Return the served root with a path or a folder name, or the first for "".

        Raises SettingsError for any other folder, so that no other work tree answers in its place.
        """
        if not name:
            return self._roots[0]
        wanted = Path(os.path.normpath(name))
        if wanted.is_absolute():
            real = Path(os.path.realpath(wanted))
            found = [root for root in self._roots if real == root]
        else:
            found = [root for root in self._roots if root.name == name]
        if len(found) == 1:
            return found[0]
        served = ", ".join(visible(str(root)) for root in self._roots)
        raise SettingsError(
            f"This server does not serve {brief(name)}. It serves: {served}. To fix: pass one of these as `root`, "
            f"add the other one with `roots`, or use `codekin search` in it."
        )

    async def of(self, root: Path, coverage: Coverage) -> Identity:
        """Return the identity of a root now."""
        read, state = self._states.get(root, (0.0, None))
        if time.monotonic() - read > _KNOWN_S or root not in self._states:
            state = await asyncio.to_thread(_state, root)
            self._states[root] = time.monotonic(), state
        return Identity(root, short_sha(state.sha) if state else "", bool(state and state.dirty), coverage)


def _state(root: Path) -> WorktreeState | None:
    try:
        return worktree_state(root)
    except HistoryError:
        return None  # the status of the index says why git cannot be used
