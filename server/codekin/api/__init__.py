"""codekin as a library: build a query, store or send it as JSON, and run it on a workspace.

Workspaces are asynchronous (`Workspace`) or blocking (`BlockingWorkspace`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from codekin.api.query import Place, Query, Text
from codekin.errors import CodekinError, EmbedderError, IndexUnavailableError, SettingsError

if TYPE_CHECKING:
    from codekin.answers import AgentAnswerShape
    from codekin.api.answering import answered, listed_duplicates, respond
    from codekin.api.blocking import BlockingWorkspace
    from codekin.api.opening import Opening
    from codekin.api.workspace import Workspace
    from codekin.shapes import AnswerShape, DuplicatesShape, OutlineShape, ResultShape, StatusShape

__all__ = [
    "AgentAnswerShape",
    "AnswerShape",
    "BlockingWorkspace",
    "CodekinError",
    "DuplicatesShape",
    "EmbedderError",
    "IndexUnavailableError",
    "Opening",
    "OutlineShape",
    "Place",
    "Query",
    "ResultShape",
    "SettingsError",
    "StatusShape",
    "Text",
    "Workspace",
    "answered",
    "listed_duplicates",
    "respond",
]
_MODULE_OF = {
    "AgentAnswerShape": "codekin.answers",
    "answered": "codekin.api.answering",
    "OutlineShape": "codekin.shapes",
    "respond": "codekin.api.answering",
    "listed_duplicates": "codekin.api.answering",
    "DuplicatesShape": "codekin.shapes",
    "BlockingWorkspace": "codekin.api.blocking",
    "Opening": "codekin.api.opening",
    "Workspace": "codekin.api.workspace",
    "AnswerShape": "codekin.shapes",
    "ResultShape": "codekin.shapes",
    "StatusShape": "codekin.shapes",
}
"""What is imported on first use: a query is made and sent without the engine."""


def __getattr__(name: str) -> Any:
    """Import a name on first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value
