"""A small seeded run of `python -m benchmarks fuzz`; the large one is run by hand."""

from __future__ import annotations

from benchmarks.robustness.fuzz import measure_fuzz


async def test_no_message_silences_or_ends_the_server(home):
    report = await measure_fuzz(messages=2_000, seed=20)
    assert report["silent"] == report["answered_twice"] == report["crashes"] == report["internal_errors"] == 0, report
    assert report["wrong_codes"] == 0, report["examples"]
    assert report["exit_status"] == 0
    assert report["requests"] > 800
