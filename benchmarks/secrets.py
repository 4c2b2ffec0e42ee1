"""`python -m benchmarks secrets PATH`: recall, false alarms and time of secret detection.

No content is printed.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.secrets_corpus import Case, lookalikes, planted
from codekin.chunking import chunk_file, redact
from codekin.chunking.secrets import find_secrets
from codekin.domain.values import Skipped
from codekin.files import Rules, read_source, scan

_MOST_BYTES = 1_000_000


def left_over(case: Case) -> bool:
    """Return whether any part of the planted secret is still readable."""
    text, _ = redact(case.text)
    return any(secret in text for secret in case.secrets)


def measure_secrets(folder: Path) -> dict[str, Any]:
    """Measure recall on the corpus, false alarms on look-alikes and on real files, and time.

    The processor time is reported with that of chunking.
    """
    cases = list(planted())
    missed = [case.kind for case in cases if left_over(case)]
    alarms = Counter(case.kind for case in lookalikes() if find_secrets(case.text))
    files, places, redacting_s, chunking_s = 0, [], 0.0, 0.0
    rules = Rules(folder, include=(), exclude=(), max_file_bytes=_MOST_BYTES)
    for item in scan(folder, rules, lambda: False):
        source = None if isinstance(item, Skipped) else read_source(folder, item.path, _MOST_BYTES)
        if source is None or isinstance(source, Skipped):
            continue
        files += 1
        began = time.process_time()
        found = find_secrets(source.text)
        middle = time.process_time()
        chunk_file(source.path, source.text)
        redacting_s += middle - began
        chunking_s += time.process_time() - middle
        lines = (source.text.count("\n", 0, hit.start) + 1 for hit in found)
        places += [f"{source.path}:{line} {hit.rule}" for line, hit in zip(lines, found, strict=True)]
    return {
        "machine": machine(),
        "planted": len(cases),
        "recall": round(1 - len(missed) / len(cases), 4),
        "missed_kinds": dict(Counter(missed)),
        "look_alike_alarms": dict(alarms),
        "files": files,
        "files_with_alarms": len({place.rpartition(":")[0] for place in places}),
        "places": places,
        "redacting_s": round(redacting_s, 3),
        "share_of_chunking": round(redacting_s / max(chunking_s, 1e-9), 4),
    }
