"""The tools, whose docstrings and annotations a model reads as a prompt.

An answer is text for the model. Its places are also in `_meta`, for programs: several clients show
a model only the structured content of an answer that has any, and it would never see the text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, Literal, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent
from pydantic import Field

from codekin.answers import MAX_TOKENS, MIN_TOKENS, AgentAnswer, Answers, Budget, Detail, agent_answer_shape
from codekin.domain.search import Filters, SearchRequest
from codekin.engine import Engine, Status
from codekin.errors import CodekinError
from codekin.jsonrpc import without_surrogates

META_KEY = "codekin/answer"
"""The key in `_meta` of the answer for programs: an `AgentAnswerShape` without its text."""
# Long enough for the first index of a typical repository, shorter than the timeouts of clients.
_FIRST_INDEX_WAIT_S = 10.0
_NOT_IN_META = ("text",)
T = TypeVar("T")

Text = Annotated[str, Field(max_length=100_000)]
Name = Annotated[str, Field(max_length=1_000)]
Tokens = Annotated[int, Field(ge=MIN_TOKENS, le=MAX_TOKENS)]
Line = Annotated[int | None, Field(ge=1, le=2**31 - 1)]


class Tools:
    """The tools of one engine."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self._engine = engine
        self._answers = answers

    async def search(
        self,
        query: Annotated[Text, Field(description="A question, identifier, path or pasted error with its stack.")],
        scope: Annotated[
            tuple[Name, ...], Field(max_length=100, description='Only these paths: globs, "!" excludes.')
        ] = (),
        mode: Literal["hybrid", "regex", "literal"] = "hybrid",
        max_tokens: Annotated[Tokens, Field(description="Longest answer.")] = 2_000,
        detail: Annotated[Detail, Field(description="places is shortest, full quotes whole definitions.")] = "lines",
        cursor: Annotated[Name, Field(description="Of an earlier answer: its next places.")] = "",
        root: Annotated[Name, Field(description="Another served folder.")] = "",
    ) -> CallToolResult:
        """Find code in this workspace by meaning, name or error text.

        Use it first, before grep or reading files, for questions such as "where is X done" or "what
        raises this". Not for listing every match of a known string: use `references` or grep. The
        best places are quoted, others follow as `path:lines symbol (role)`. Then `expand` a place.
        The query may have filters: lang:go kind:commit author:ann.
        """
        budget = _budget(max_tokens, detail, cursor)
        await self._first_index()
        if mode == "hybrid":
            return await _result(self._answers.search(query, scope, budget, root=root))
        request = SearchRequest(query, 1_000, mode, Filters(paths=scope))
        return await _result(self._answers.ask(request, budget, root=root))

    async def expand(
        self,
        path: Annotated[Name, Field(description="Relative to the root.")],
        line: Line = None,
        end_line: Line = None,
        max_tokens: Tokens = 2_000,
        root: Name = "",
    ) -> CallToolResult:
        """Show more of a place, cheaper than reading the file.

        With `line`: the whole definition around it. With `line` and `end_line`: these lines. With
        neither: the outline of the file.
        """
        await self._first_index()
        return await _result(self._answers.expand(path, line, end_line, max_tokens, root=root))

    async def related(
        self,
        path: Name,
        line: Line = None,
        end_line: Line = None,
        max_tokens: Tokens = 2_000,
        cursor: Name = "",
        root: Name = "",
    ) -> CallToolResult:
        """Find tests, commits and similar code of a place.

        Use it before changing code, to see what tests it and what must change with it.
        """
        budget = _budget(max_tokens, "lines", cursor)
        await self._first_index()
        return await _result(self._answers.related(path, line, end_line, budget, root=root))

    async def references(
        self, name: Name, max_tokens: Tokens = 2_000, cursor: Name = "", root: Name = ""
    ) -> CallToolResult:
        """List where an identifier is defined and used.

        Use it before renaming or changing a signature. `Class.method` or `module.name` chooses a
        definition. Comments, strings and what is probably something else come last.
        """
        budget = _budget(max_tokens, "lines", cursor)
        await self._first_index()
        return await _result(self._answers.references(name, budget, root=root))

    async def status(self) -> CallToolResult:
        """Say what is served and indexed, at which revision, and what is degraded.

        Use it if answers look incomplete or out of date.
        """
        return _text(await _answered(self._answers.status()))

    async def roots(
        self, add: Annotated[Name, Field(description="Full path of another worktree of a served repository.")] = ""
    ) -> CallToolResult:
        """List the served folders, or add one. The other tools take it as `root`."""
        if add:
            await _answered(self._answers.add_root(add))
        return _text("\n".join(str(root) for root in self._answers.identities.roots))

    async def _first_index(self) -> None:
        """Wait for a complete index, for a limited time, because agents rarely repeat a search."""
        covered = asyncio.Event()

        def changed(status: Status) -> None:
            if status.coverage.complete:
                covered.set()

        unsubscribe = self._engine.subscribe(changed)
        try:
            if not self._engine.coverage().complete:
                await asyncio.wait_for(covered.wait(), _FIRST_INDEX_WAIT_S)
        except asyncio.TimeoutError:
            return  # the answer says how much is covered
        finally:
            unsubscribe()


def _budget(max_tokens: int, detail: Detail, cursor: str) -> Budget:
    if cursor and not cursor.isdecimal():
        raise ToolError("The cursor is not one of an earlier answer. To fix: leave it out.")
    return Budget(max_tokens, detail, min(int(cursor[:6] or "0"), 10_000))


async def _answered(work: Awaitable[T]) -> T:
    try:
        return await work
    except CodekinError as error:
        raise ToolError(str(error)) from error


async def _result(work: Awaitable[AgentAnswer]) -> CallToolResult:
    answer = await _answered(work)
    shape: dict[str, Any] = dict(agent_answer_shape(answer))
    meta = {name: value for name, value in shape.items() if name not in _NOT_IN_META}
    return _text(answer.packed.text, {META_KEY: without_surrogates(meta)})


def _text(text: str, meta: dict[str, Any] | None = None) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=without_surrogates(text))], _meta=meta)
