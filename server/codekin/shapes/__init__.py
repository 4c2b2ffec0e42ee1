"""The engine's answers as JSON: one shape for the command line, MCP and the library.

The language server derives its shapes from these. Importing this package imports neither the engine
nor numpy, because the language server answers `initialize` before it loads them.
"""

from codekin.shapes.duplicates import DuplicateGroupShape, DuplicatesShape, duplicates_shape
from codekin.shapes.outline import OutlineItemShape, OutlineShape, outline_shape
from codekin.shapes.results import (
    AnswerShape,
    BlamedShape,
    CoverageShape,
    ReadQueryShape,
    ResultShape,
    answer_shape,
    blamed_shape,
    coverage_shape,
    result_shape,
)
from codekin.shapes.status import DeepShape, MeasuresShape, StatusShape, StoreShape, WaitingShape, status_shape
from codekin.shapes.sync import SyncShape, sync_shape

__all__ = [
    "AnswerShape",
    "BlamedShape",
    "CoverageShape",
    "DeepShape",
    "DuplicateGroupShape",
    "DuplicatesShape",
    "MeasuresShape",
    "OutlineItemShape",
    "OutlineShape",
    "ReadQueryShape",
    "ResultShape",
    "StatusShape",
    "StoreShape",
    "SyncShape",
    "WaitingShape",
    "answer_shape",
    "blamed_shape",
    "coverage_shape",
    "duplicates_shape",
    "outline_shape",
    "result_shape",
    "status_shape",
    "sync_shape",
]
