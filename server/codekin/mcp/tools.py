"""The tools, whose docstrings and annotations a model reads.

Their answers are in `codekin.shapes`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent
from pydantic import Field

from codekin.display import json_line
from codekin.domain.search import Filters, Mode, SearchRequest, SearchResponse
from codekin.engine import Engine, Status
from codekin.errors import CodekinError
from codekin.jsonrpc import without_surrogates
from codekin.mcp.outgoing import without_secrets
from codekin.shapes import AnswerShape, StatusShape, answer_shape, status_shape

# Long enough for the first index of a typical repository, shorter than the timeouts of clients.
_FIRST_INDEX_WAIT_S = 10.0
T = TypeVar("T")

Limit = Annotated[int, Field(ge=1, le=1000, description="Maximum number of results.")]
Line = Annotated[int | None, Field(ge=1, le=2**31 - 1)]
Text = Annotated[str, Field(max_length=10_000)]
Name = Annotated[str, Field(max_length=1_000)]
Names = Annotated[tuple[Name, ...], Field(max_length=100)]


class Tools:
    """The tools of one engine. Paths are relative to `root`, an absolute path without links."""

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root

    async def search(
        self,
        query: Annotated[Text, Field(description="A question, name or path, or a pattern for mode regex or literal.")],
        limit: Limit = 10,
        mode: Annotated[Mode, Field(description="hybrid suits both names and questions.")] = "hybrid",
        languages: Annotated[Names, Field(description='Only these languages, such as "python".')] = (),
        extensions: Annotated[Names, Field(description='Only these extensions, such as "py".')] = (),
        paths: Annotated[Names, Field(description='Only paths matching these globs; a leading "!" excludes.')] = (),
        kinds: Annotated[
            Names, Field(description="Only these kinds: code, test, file, directory, commit, pull_request.")
        ] = (),
        authors: Annotated[Names, Field(description="Only files last changed by these authors.")] = (),
        after: Annotated[Name, Field(description="Only files changed on or after this date (YYYY-MM-DD).")] = "",
        before: Annotated[Name, Field(description="Only files changed on or before this date.")] = "",
        at: Annotated[Name, Field(description="Search this branch, tag or commit instead of the files on disk.")] = "",
        explain: Annotated[bool, Field(description="Include the parts that add up to each score.")] = False,
    ) -> Annotated[CallToolResult, AnswerShape]:
        """Search the workspace's code by meaning and by name.

        Results are sorted best first, with path, lines and text. `coverage` says how much of the
        workspace is indexed. While `complete` is false, a search may miss code that is not indexed
        yet.
        """
        filters = Filters(
            languages=languages,
            extensions=extensions,
            paths=paths,
            kinds=kinds,
            authors=authors,
            after=after,
            before=before,
            at=at,
        )
        request = SearchRequest(query, limit, mode, filters, explain)
        await self._first_index()
        return _result(await self._shape(lambda cancel: self._engine.search(request, cancel)))

    async def related(
        self,
        path: Annotated[Name, Field(description="A file of the workspace, relative to its root.")],
        line: Annotated[Line, Field(description="The line, from 1. Default: the entire file.")] = None,
        end_line: Annotated[Line, Field(description="The last line, included. Default: `line`.")] = None,
        limit: Limit = 10,
    ) -> Annotated[CallToolResult, AnswerShape]:
        """Find code related to a place: duplicates, sibling implementations, tests."""
        start, end = _lines(line, end_line)
        file = self._root / path
        if not await asyncio.to_thread(os.path.isfile, file):  # unlike Path.is_file, it raises for no name
            raise ToolError(f"{path} is not a file in {self._root}.")
        await self._first_index()
        answer = await self._shape(lambda cancel: self._engine.related(file, start, end, limit, cancel))
        if not answer["results"]:
            answer["reasons"].append(f"{path}: {self._engine.verdict(file)}")
        return _result(answer)

    async def status(self) -> Annotated[CallToolResult, StatusShape]:
        """Report what is indexed, what is skipped and why, and whether anything is degraded."""
        return _result(status_shape(self._engine.status()))

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

    async def _shape(self, work: Callable[[threading.Event], Awaitable[SearchResponse]]) -> AnswerShape:
        response = await self._answering(work)
        return answer_shape(await asyncio.to_thread(without_secrets, response))

    async def _answering(self, work: Callable[[threading.Event], Awaitable[T]]) -> T:
        """Run a request; when the client cancels it, the event is set and the work stops."""
        cancel = threading.Event()
        try:
            return await work(cancel)
        except asyncio.CancelledError:
            cancel.set()
            raise
        except CodekinError as error:
            raise ToolError(str(error)) from error


def _lines(line: int | None, end_line: int | None) -> tuple[int, int]:
    """Return the lines [start, end), 0-based. Raises ToolError for an invalid range."""
    if line is None:
        if end_line is not None:
            raise ToolError("`end_line` requires `line`.")
        return 0, 1_000_000
    if end_line is not None and end_line < line:
        raise ToolError(f"`end_line` ({end_line}) is before `line` ({line}).")
    return line - 1, end_line or line


def _result(shape: Mapping[str, Any]) -> CallToolResult:
    """Return the shape for programs, and as one line of JSON for models, which saves tokens."""
    text = TextContent(type="text", text=json_line(shape))
    return CallToolResult(content=[text], structured_content=without_surrogates(dict(shape)))
