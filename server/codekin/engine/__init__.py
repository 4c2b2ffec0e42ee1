"""One engine for all interfaces.

It connects the parts for each root folder, owns their lifetimes, and knows no protocol.
"""

import logging

from codekin.engine.engine import Engine
from codekin.engine.opening import OpenedEngine, open_usable
from codekin.engine.root.consistency import StoreCounts, SyncReport
from codekin.engine.single_files import FileState
from codekin.engine.status.measures import Histogram, Measures
from codekin.engine.status.report import doctor_text
from codekin.engine.status.status import (
    Estimate,
    IndexReport,
    Progress,
    ProgressListener,
    Status,
)

__all__ = [
    "Engine",
    "Estimate",
    "FileState",
    "Histogram",
    "IndexReport",
    "Measures",
    "OpenedEngine",
    "Progress",
    "ProgressListener",
    "Status",
    "StoreCounts",
    "SyncReport",
    "doctor_text",
    "open_usable",
]

# A library does not print: without a handler, Python would write warnings to standard error.
logging.getLogger("codekin").addHandler(logging.NullHandler())
