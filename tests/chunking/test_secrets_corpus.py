"""300 planted secrets of 60 kinds and 3,000 texts that only look like secrets.

All are generated, and the same in every run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter

from benchmarks.secrets import left_over
from benchmarks.secrets_corpus import KINDS, lookalikes, planted

from codekin.chunking.secrets import find_secrets
from support.places import ROOT


def test_planted_secrets_are_found():
    cases = list(planted())
    missed = Counter(case.kind for case in cases if left_over(case))
    assert (len(cases), len(KINDS) >= 60) == (300, True)
    assert missed.total() <= 0.05 * len(cases), missed


def test_text_that_only_looks_like_a_secret_stays():
    alarms = Counter(case.kind for case in lookalikes() if find_secrets(case.text))
    assert alarms.total() <= 3, alarms


def test_work_on_hostile_text_grows_with_its_length():
    for piece in (
        "password=",
        "a" * 64 + "=",
        "-----BEGIN ",
        "eyJ" + "a" * 50 + ".",
        "://:@",
        "AKIA",
        "token: ",
        '"',
        "%",
    ):
        times = []
        for length in (50_000, 500_000):
            text = piece * (length // len(piece))
            began = time.process_time()
            find_secrets(text)
            times.append(time.process_time() - began)
        assert times[1] < 30 * max(times[0], 0.01), (
            piece,
            times,
        )  # ten times the text; quadratic time would be a hundred times


def test_results_do_not_depend_on_the_process():
    """The order of sets differs between processes, but the redacted text is part of keys."""
    code = (
        "from benchmarks.secrets_corpus import planted; from codekin.chunking.secrets import find_secrets; "
        "print([tuple(item) for case in planted() for item in find_secrets(case.text)])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
