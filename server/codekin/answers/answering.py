"""The questions of agents, answered within a budget of tokens."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from codekin.answers.current import Reader
from codekin.answers.expanding import Expansion, expanded
from codekin.answers.files import indexed_path
from codekin.answers.identity import Identities, Identity
from codekin.answers.packing import (
    DEFAULT_PACKING,
    DEFAULT_TOKENS,
    MAX_TOKENS,
    MIN_TOKENS,
    Detail,
    Packed,
    Packing,
    Place,
    pack,
)
from codekin.answers.places import places_of, sought_in
from codekin.answers.referring import PACKING as REFERENCES
from codekin.answers.referring import reference_places, summary_of
from codekin.answers.tokens import brief, count_tokens, shortened
from codekin.display import visible
from codekin.domain.search import Filters, ReadQuery, Refinement, SearchRequest, SearchResponse
from codekin.engine import Engine
from codekin.errors import GitError, SettingsError
from codekin.git import find_git_directory

_TOKENS_OF_PLACE = 20
"""Few places take fewer tokens, so that no answer needs more places than this says."""
_LIMITS = (200, 500, 1_000)
"""Numbers of results that are ranked.

They are steps, because the order of the results may depend on their number, and the pages of an
answer must agree.
"""
_LARGEST_LIMIT = _LIMITS[-1]
_MOST_NOTES = 2
WEAK_SHARE = 0.25
"""Share of the best score below which a place is left for the next page.

On issues, this shortens answers by 6% and loses nothing beyond noise.
"""
_WHOLE_FILE = 1_000_000
_TOP = "./"
"""The path of the root as a result, which helps nobody who asks about the root."""
_NOT_FOLDERS = ("!directory",)
MORE_PLACES = '{count:,} more: pass cursor "{offset}"'
"""How an answer is continued: the number of places left, and where they begin."""
_ALL, _UNREFINED = Filters(), Refinement()
_EMPTY = "The query is empty. To fix: ask a question, or name a symbol, a file or an error."
_NOTHING = "Nothing found. To fix: use other words, or fewer filters and a wider `scope`."
_SIMILAR_NAMES = 5
_HEADER_SHARE, _LINE_TOKENS, _LEAST_TOKENS = 0.6, 60, 10
"""Share of a budget for what is said before the places, and the tokens of one line of it."""
_CALLED = re.compile(r"\(.*\)\s*$", re.DOTALL)
"""The arguments behind a name that was copied from a call."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Budget:
    """How long an answer may be, how detailed it is, and the number of the first place."""

    max_tokens: int = DEFAULT_TOKENS
    detail: Detail = "lines"
    offset: int = 0

    def checked(self) -> Budget:
        """Return self. Raises SettingsError for a number out of range."""
        if not MIN_TOKENS <= self.max_tokens <= MAX_TOKENS:
            raise SettingsError(f"`max_tokens` is {self.max_tokens:,}. To fix: use {MIN_TOKENS:,} to {MAX_TOKENS:,}.")
        if not 0 <= self.offset < _LARGEST_LIMIT:
            raise SettingsError(f"The cursor {self.offset:,} is out of range. To fix: ask again without a cursor.")
        return self


DEFAULT_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """A text of at most the budget, and the same places for programs.

    `parsed` is how a query was read, if it has filters or something in it was unclear.
    """

    identity: Identity
    packed: Packed
    parsed: ReadQuery | None = None


class Answers:
    """Answers about the folders of one engine, on its event loop.

    Methods raise subclasses of CodekinError, whose text says what to do. Cancelling a call stops
    its search.
    """

    def __init__(self, engine: Engine, roots: Sequence[Path], more: str = MORE_PLACES) -> None:
        """Take the folders, the default one first, and the line that says how to continue."""
        self._engine = engine
        self._more = more
        self.identities = Identities(list(roots))

    async def search(
        self, query: str, scope: Sequence[str] = (), budget: Budget = DEFAULT_BUDGET, *, root: str = ""
    ) -> AgentAnswer:
        """Answer a question, a name or a pasted error, best places first.

        `scope` are globs of paths as in .gitignore; a leading "!" excludes.
        """
        if not query.strip():
            raise SettingsError(_EMPTY)
        # A folder passes the filter if it contains a match, so it may be outside the scope.
        filters = Filters(paths=tuple(scope), kinds=_NOT_FOLDERS if scope else ())
        request = SearchRequest(query, self.limit(budget.checked()), filters=filters)
        return await self.ask(request, budget, root=root)

    async def ask(self, request: SearchRequest, budget: Budget = DEFAULT_BUDGET, *, root: str = "") -> AgentAnswer:
        """Answer any request to the engine, as far as its limit and the budget allow."""
        place = self.identities.resolve(root)
        if not request.query.strip() and request.filters == _ALL:
            raise SettingsError(_EMPTY)
        response = await _cancellable(lambda cancel: self._engine.search(request, cancel))
        query = "" if request.mode in ("regex", "literal") else request.query
        return await self._packed(place, response, query, budget, WEAK_SHARE)

    async def related(
        self,
        path: str,
        line: int | None = None,
        end_line: int | None = None,
        budget: Budget = DEFAULT_BUDGET,
        *,
        root: str = "",
        filters: Filters = _ALL,
        refinement: Refinement = _UNREFINED,
    ) -> AgentAnswer:
        """Answer with the tests, commits and similar code of lines of a file; they count from 1."""
        place = self.identities.resolve(root)
        relative = await indexed_path(self._engine, place, path)
        start, end = _lines(line, end_line)
        limit = self.limit(budget.checked())
        response = await _cancellable(
            lambda cancel: self._engine.related(
                place / relative, start, end, limit, cancel, filters=filters, refinement=refinement
            )
        )
        return await self._packed(place, response, "", budget)

    async def expand(
        self,
        path: str,
        line: int | None = None,
        end_line: int | None = None,
        max_tokens: int = DEFAULT_TOKENS,
        *,
        root: str = "",
    ) -> AgentAnswer:
        """Show a file's outline, the definition around a line, or the given lines."""
        Budget(max_tokens).checked()
        place = self.identities.resolve(root)
        relative = await indexed_path(self._engine, place, path)
        _lines(line, end_line)
        identity = await self._identity(place)
        wanted = Expansion(str(place), relative, line, end_line, max_tokens)
        return AgentAnswer(identity, await asyncio.to_thread(expanded, Reader(self._engine), identity.line, wanted))

    async def references(self, name: str, budget: Budget = DEFAULT_BUDGET, *, root: str = "") -> AgentAnswer:
        """Answer with the definitions and uses of a name, then other lines that have it."""
        place = self.identities.resolve(root)
        budget.checked()
        wanted = _CALLED.sub("", name.strip())
        if not wanted:
            raise SettingsError("The name is empty. To fix: pass an identifier, such as a function or class.")
        if wanted.split() != [wanted]:
            raise SettingsError(
                f"{brief(name)} is not one name. To fix: pass an identifier, or use `search` for a question or a text."
            )
        found = await _cancellable(lambda cancel: self._engine.references(wanted, _LARGEST_LIMIT, cancel, root=place))
        identity = await self._identity(place)
        places = await asyncio.to_thread(reference_places, found.found, Reader(self._engine))
        notes = summary_of(wanted, found)
        if not found.found:
            notes.append(await self._unknown(wanted))
        return _answer(identity, notes, places, budget, self._more, REFERENCES)

    async def _unknown(self, name: str) -> str:
        """Return a line that says which names are like one that does not occur."""
        similar = dict.fromkeys(item.name for item in await self._engine.symbols(name, _SIMILAR_NAMES))
        if not similar:
            return f"To fix: check the spelling and the letter case, or use `search` with {brief(name)}."
        return f"To fix: pass the name as it is written, such as {', '.join(map(brief, similar))}."

    async def add_root(self, path: str) -> None:
        """Serve another folder of a repository that is already served, such as a worktree.

        Raises SettingsError for any other folder, because a model must not widen what it may read.
        """
        folder = Path(path)
        if not folder.is_absolute() or not await asyncio.to_thread(os.path.isdir, folder):
            raise SettingsError(f"{brief(path)} is not a folder. To fix: pass the full path of a worktree.")
        real = Path(await asyncio.to_thread(os.path.realpath, folder))
        if not await asyncio.to_thread(_same_repository, real, self.identities.roots):
            raise SettingsError(
                f"{brief(path)} belongs to no repository that is served. To fix: restart with `codekin mcp` and both "
                "folders."
            )
        await self._engine.add_root(real)
        self.identities.add(real)

    async def status(self) -> str:
        """Say what is served, what is indexed, and what is degraded."""
        status = self._engine.status()
        lines = [f"State: {status.state}; {status.files:,} files, {status.chunks:,} chunks, {status.commits:,} commits"]
        lines += [(await self._identity(root)).line for root in self.identities.roots]
        skipped = sorted(status.skipped.items(), key=lambda item: -item[1])[:5]
        lines += [f"Skipped {count:,}: {visible(reason)}" for reason, count in skipped]
        lines += [f"Note: {visible(reason)}" for reason in status.reasons[:5]]
        return "\n".join(lines)

    async def _packed(
        self, place: Path, response: SearchResponse, query: str, budget: Budget, weak_share: float = 0.0
    ) -> AgentAnswer:
        identity = await self._identity(place)
        own = [result for result in response.results if result.root == str(place) and result.path != _TOP]
        reader = Reader(self._engine)

        def work() -> AgentAnswer:
            notes = [f"Note: {visible(reason)}" for reason in response.reasons[:_MOST_NOTES]]
            places = places_of(own, reader, sought_in(query), weak_share)
            parsed = response.parsed
            read = parsed if parsed and (parsed.filters or parsed.notes) else None
            return replace(_answer(identity, notes, places, budget, self._more), parsed=read)

        return await asyncio.to_thread(work)

    async def _identity(self, root: Path) -> Identity:
        return await self.identities.of(root, self._engine.coverage(root))

    def limit(self, budget: Budget) -> int:
        """Return the number of results to rank for a budget."""
        needed = len(self.identities.roots) * (budget.offset + budget.max_tokens // _TOKENS_OF_PLACE)
        return next((limit for limit in _LIMITS if limit >= needed), _LARGEST_LIMIT)


def _answer(
    identity: Identity,
    notes: Sequence[str],
    places: Sequence[Place],
    budget: Budget,
    more: str,
    packing: Packing = DEFAULT_PACKING,
) -> AgentAnswer:
    if budget.offset and budget.offset >= len(places):
        raise SettingsError(
            f"There is nothing after place {len(places):,}. To fix: ask another question, or widen `scope`."
        )
    none = [] if places or packing is REFERENCES else [_NOTHING]
    header = _header([identity.line, *none, *notes], int(budget.max_tokens * _HEADER_SHARE))
    packed = pack(
        header, places, budget.max_tokens, detail=budget.detail, offset=budget.offset, more=more, packing=packing
    )
    return AgentAnswer(identity, packed)


def _header(lines: Sequence[str], tokens: int) -> str:
    """Join the lines, of which long ones are cut, so that places have room below them."""
    kept: list[str] = []
    for line in lines:
        allowed = min(_LINE_TOKENS, tokens)
        if allowed >= _LEAST_TOKENS:
            kept.append(shortened(line, allowed))
            tokens -= count_tokens(kept[-1]) + 1
    return "\n".join(kept)


def _same_repository(folder: Path, roots: Sequence[Path]) -> bool:
    try:
        own = find_git_directory(folder)
        others = [found for root in roots if (found := find_git_directory(root))]
    except GitError as error:
        raise SettingsError(str(error)) from error
    return own is not None and any(own.common == other.common for other in others)


async def _cancellable(work: Callable[[threading.Event], Coroutine[Any, Any, T]]) -> T:
    """Run a search; when the caller is cancelled, it stops."""
    cancel = threading.Event()
    try:
        return await work(cancel)
    except asyncio.CancelledError:
        cancel.set()
        raise


def _lines(line: int | None, end_line: int | None) -> tuple[int, int]:
    """Return the lines [start, end), 0-based. Raises SettingsError for an invalid range."""
    if line is None:
        if end_line is not None:
            raise SettingsError("`end_line` requires `line`. To fix: pass both.")
        return 0, _WHOLE_FILE
    if line < 1 or (end_line is not None and end_line < line):
        raise SettingsError(f"`end_line` ({end_line}) is before `line` ({line}). Lines count from 1.")
    return line - 1, end_line or line
