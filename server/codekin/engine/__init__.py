"""One engine for all interfaces.

It connects the parts for each root folder, owns their lifetimes, and knows no protocol.
"""

from codekin.engine.engine import Engine
from codekin.engine.root.consistency import QuarantinedChunk, StoreCounts, SyncReport, Versions
from codekin.engine.status.measures import Histogram, Measures, Waiting
from codekin.engine.status.report import doctor_text
from codekin.engine.status.status import (
    DeepStatus,
    Estimate,
    IndexReport,
    Progress,
    ProgressListener,
    Status,
    StoreStatus,
)

__all__ = [
    "DeepStatus",
    "Engine",
    "Estimate",
    "Histogram",
    "IndexReport",
    "Measures",
    "Progress",
    "ProgressListener",
    "QuarantinedChunk",
    "Status",
    "StoreCounts",
    "StoreStatus",
    "SyncReport",
    "Versions",
    "Waiting",
    "doctor_text",
]
