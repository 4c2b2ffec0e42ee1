"""Half a minute of everything at once; `python -m benchmarks torture` does more of it."""

from __future__ import annotations

import shutil

import pytest
from benchmarks.robustness.torture import measure_torture


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
async def test_after_failures_and_kills_all_is_as_if_nothing_had_happened():
    report = await measure_torture(minutes=0.5, seed=3)
    assert report["wrong"] == {}, report
    assert set(report["differ_from_a_fresh_index"].values()) == {0}, report
    assert report["locks_held"] == report["partial_files"] == [], report
    assert report["did"]["edits"] > 20
