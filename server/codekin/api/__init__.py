"""codekin as a library: build a query, store or send it as JSON, and run it on a workspace.

Workspaces are asynchronous (`Workspace`) or blocking (`BlockingWorkspace`).
"""

from codekin.answers import AgentAnswerShape
from codekin.api.answering import answered, respond
from codekin.api.blocking import BlockingWorkspace
from codekin.api.opening import Opening
from codekin.api.query import Place, Query, Text
from codekin.api.workspace import Workspace
from codekin.errors import CodekinError, EmbedderError, IndexUnavailableError, SettingsError
from codekin.shapes import AnswerShape, OutlineShape, ResultShape, StatusShape

__all__ = [
    "AgentAnswerShape",
    "AnswerShape",
    "BlockingWorkspace",
    "CodekinError",
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
    "respond",
]
