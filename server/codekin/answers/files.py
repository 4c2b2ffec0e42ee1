"""The files that are asked about: indexed, within a served folder, and suggested if missing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from codekin.answers.tokens import brief
from codekin.domain.search import Filters, SearchRequest
from codekin.domain.values import NodeKind
from codekin.engine import Engine
from codekin.errors import SettingsError

_ONLY_FILES = Filters(
    kinds=tuple(f"!{kind.value}" for kind in (NodeKind.DIRECTORY, NodeKind.COMMIT, NodeKind.PULL_REQUEST))
)
_SUGGESTED = 3
_LOOKED_AT = 20


async def indexed_path(engine: Engine, root: Path, path: str) -> str:
    """Return the path of a file relative to the root, with "/".

    `path` is relative to the root or absolute, and may have backslashes. Raises SettingsError, with
    the files of the same name if it is missing.
    """
    places = [Path(os.path.normpath(root / name)) for name in (path, path.replace("\\", "/"))]  # noqa: ASYNC240 - it reads nothing
    for place in places:
        if await asyncio.to_thread(os.path.isfile, place):  # unlike Path.is_file, it raises for no name
            return _checked(engine, root, place, path)
    file = places[-1]
    if not file.is_relative_to(root):
        raise _outside(root, path)
    shown = brief(path)
    if await asyncio.to_thread(os.path.isdir, file):
        folder = file.relative_to(root).as_posix()
        raise SettingsError(f"{shown} is a folder. To fix: pass a file, or search with the scope {brief(folder)}/**.")
    named = await _files_named(engine, root, file.name)
    there = f"pass {' or '.join(map(brief, named))}" if named else "search for its name"
    raise SettingsError(f"{shown} is not a file in {brief(str(root))}. To fix: {there}.")


def _checked(engine: Engine, root: Path, file: Path, path: str) -> str:
    state = engine.file_state(file) if file.is_relative_to(root) else None
    if state is None or state.root != root:
        raise _outside(root, path)
    if state.excluded:
        raise SettingsError(f"{brief(state.path)} is not indexed: {state.excluded}. It is not shown.")
    return state.path


def _outside(root: Path, path: str) -> SettingsError:
    return SettingsError(
        f"{brief(path)} is outside {brief(str(root))}. To fix: pass a path relative to the root, or the right `root`."
    )


async def _files_named(engine: Engine, root: Path, name: str) -> list[str]:
    """Return indexed files with a name, best first."""
    if not name.strip():
        return []
    response = await engine.search(SearchRequest(name, _LOOKED_AT, filters=_ONLY_FILES))
    paths = dict.fromkeys(item.path for item in response.results if item.root == str(root))
    return [path for path in paths if path.rpartition("/")[2] == name][:_SUGGESTED]
