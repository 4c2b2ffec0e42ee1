"""One engine for all edges: it wires the parts for each root folder, owns their lifetimes, and knows no protocol."""

from codekin.engine.doctor import doctor_text
from codekin.engine.engine import Engine
from codekin.engine.measures import Histogram, Measures, Waiting
from codekin.engine.status import IndexReport, Progress, ProgressListener, Status, StoreStatus

__all__ = [
    "Engine",
    "Histogram",
    "IndexReport",
    "Measures",
    "Progress",
    "ProgressListener",
    "Status",
    "StoreStatus",
    "Waiting",
    "doctor_text",
]
