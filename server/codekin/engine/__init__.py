"""One engine for all edges: it wires the parts for each root folder, owns their lifetimes, and knows no protocol."""

from codekin.engine.doctor import doctor_text
from codekin.engine.engine import Engine
from codekin.engine.status import DeepStatus, IndexReport, Progress, ProgressListener, Status, StoreStatus

__all__ = [
    "DeepStatus",
    "Engine",
    "IndexReport",
    "Progress",
    "ProgressListener",
    "Status",
    "StoreStatus",
    "doctor_text",
]
