"""One engine for all edges: it wires the parts for each root folder, owns their lifetimes, and knows no protocol."""

from codekin.engine.doctor import doctor_text
from codekin.engine.engine import Engine
from codekin.engine.measures import Histogram, Measures, Waiting
from codekin.engine.status import DeepStatus, Estimate, IndexReport, Progress, ProgressListener, Status, StoreStatus
from codekin.engine.sync import Held, SetAside, SyncReport, Versions

__all__ = [
    "DeepStatus",
    "Engine",
    "Estimate",
    "Held",
    "Histogram",
    "IndexReport",
    "Measures",
    "Progress",
    "ProgressListener",
    "SetAside",
    "Status",
    "StoreStatus",
    "SyncReport",
    "Versions",
    "Waiting",
    "doctor_text",
]
