"""The start of a session, its folders and settings, and the changes that the client reports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from codekin.lsp import encode
from codekin.lsp.server import CodekinServer, Handlers, Options


def initialize(server: CodekinServer, params: types.InitializeParams) -> None:
    """Apply the settings that the client starts with."""
    options = params.initialization_options
    server.session.configure(options if isinstance(options, dict) else {})


def initialized(server: CodekinServer, _params: types.InitializedParams) -> None:
    """Open the index of the client's folders."""
    roots = _roots(server)
    if roots:
        server.session.start(roots, given=True)


async def did_change_workspace_folders(server: CodekinServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Add and remove workspace folders."""
    await server.session.change_folders(_paths(params.event.added), _paths(params.event.removed))


async def did_change_configuration(server: CodekinServer, params: types.DidChangeConfigurationParams) -> None:
    """Apply changed settings of codekin; others are ignored."""
    settings = params.settings if isinstance(params.settings, dict) else {}
    own = settings.get("codekin")
    if isinstance(own, dict):
        shown = server.session.code_lens
        await server.session.reconfigure(own)
        if server.session.code_lens != shown:
            server.lens_refresh.ask()


def did_change_watched_files(server: CodekinServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Report files that changed on disk to the session."""
    paths = [path for change in params.changes if (path := encode.path_of(change.uri)) is not None]
    server.session.changed_on_disk(paths)


async def work_done_progress_cancel(server: CodekinServer, _params: types.WorkDoneProgressCancelParams) -> None:
    """Pause indexing, because the user cancelled its progress."""
    engine = await server.session.engine()
    await asyncio.shield(engine.pause())


HANDLERS: Handlers = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: did_change_workspace_folders,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: work_done_progress_cancel,
}
OPTIONS: Options = {}


def _roots(server: CodekinServer) -> list[Path]:
    workspace = server.workspace
    folders = _paths(list(workspace.folders.values()))
    if folders:
        return folders
    path = encode.path_of(workspace.root_uri) if workspace.root_uri else None
    return [path] if path is not None else []


def _paths(folders: Sequence[types.WorkspaceFolder]) -> list[Path]:
    found = (encode.path_of(folder.uri) for folder in folders)
    return [path for path in found if path is not None]
