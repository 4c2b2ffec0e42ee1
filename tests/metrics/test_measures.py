"""What is counted, when it alerts, and how it reads."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from codekin.config import Config, load_config
from codekin.domain.search import SearchRequest
from codekin.engine.status.alerts import AlertName, alerts
from codekin.engine.status.measures import RECENT_S, Durations, Outcome, Recorder, Waiting, quantile
from codekin.engine.status.monitor import resident_bytes
from codekin.engine.status.status import State
from codekin.errors import SettingsError
from codekin.metrics import metrics_text, parse_address
from codekin.metrics.text import ALERTS, OUTCOMES, STATES
from support.engines import open_engine

IDLE = Waiting(0, 0, 0)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def recorder():
    clock = Clock()
    recorder = Recorder(clock)
    return recorder, clock


def samples(text):
    """Value by name and labels, as the official parser reads it."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_quantile_is_the_least_value_that_covers_the_share(values, share):
    values.sort()
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values)


def test_the_past_is_forgotten_and_totals_are_not(recorder):
    recorder, clock = recorder
    for _ in range(20):
        recorder.record("failed", 4_000.0, "The cable is cut.")
    clock.now += 30
    measures = recorder.measures(0, IDLE)
    assert (measures.error_rate, measures.judged, measures.latency_p95_ms) == (1.0, 20, 4_000.0)
    assert measures.searches_per_s == pytest.approx(20 / 30)
    assert measures.last_error == "The cable is cut."
    clock.now += RECENT_S
    recorder.record("answered", 10.0)
    measures = recorder.measures(0, IDLE)
    assert (measures.error_rate, measures.judged, measures.latency_p50_ms) == (0.0, 1, 10.0)
    assert measures.searches == {"failed": 20, "answered": 1}
    assert measures.searches_per_s == pytest.approx(1 / 60)


def test_what_was_refused_or_cancelled_is_counted_and_not_judged(recorder):
    recorder, _ = recorder
    recorder.record("refused", 1.0)
    recorder.record("cancelled", 9_999.0)
    measures = recorder.measures(0, IDLE)
    assert measures.searches == {"refused": 1, "cancelled": 1}
    assert (measures.judged, measures.error_rate, measures.latency_p95_ms) == (0, 0.0, 0.0)
    assert sum(measures.search_ms.counts) == 0


def test_rate_is_right_when_more_was_searched_than_is_kept(recorder):
    recorder, clock = recorder
    for _ in range(30_000):
        clock.now += 1 / 500
        recorder.record("answered", 1.0)
    assert recorder.measures(0, IDLE).searches_per_s == pytest.approx(500, rel=0.01)


def test_threads_lose_no_duration():
    durations = Durations()
    threads = [threading.Thread(target=lambda: [durations.add(3.0) for _ in range(5_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    histogram = durations.histogram()
    assert sum(histogram.counts) == 20_000
    assert histogram.sum_ms == pytest.approx(60_000)
    assert histogram.counts[histogram.bounds_ms.index(5.0)] == 20_000


def test_limits_alert_with_reason_and_remedy(recorder):
    recorder, _ = recorder
    assert alerts(recorder.measures(1, IDLE), Config()) == ()
    for _ in range(18):
        recorder.record("answered", 1.0)
    recorder.record("failed", 5_000.0, "The cable is cut.")
    recorder.record("failed", 5_000.0, "The cable is cut.")
    found = {alert.name: alert.reason for alert in alerts(recorder.measures(2 << 30, IDLE), Config())}
    assert set(found) == set(get_args(AlertName))
    assert "5,000 ms" in found["latency"]
    assert "limit 2,000 ms" in found["latency"]
    assert "10%" in found["errors"]
    assert "The cable is cut." in found["errors"]
    assert "2.00 GiB" in found["memory"]
    assert all("To fix:" in reason for reason in found.values())
    off = Config(latency_limit_ms=0, error_rate_limit=0, memory_limit_bytes=0)
    assert alerts(recorder.measures(2 << 30, IDLE), off) == ()


def test_one_bad_search_says_nothing_of_the_others(recorder):
    recorder, _ = recorder
    for _ in range(9):
        recorder.record("failed", 60_000.0, "x")
    assert alerts(recorder.measures(1, IDLE), Config()) == ()


def test_limits_come_from_the_environment_too():
    config = load_config(environ={"CODEKIN_LATENCY_LIMIT_MS": "1.5", "CODEKIN_MEMORY_LIMIT_BYTES": "7"})
    assert (config.latency_limit_ms, config.memory_limit_bytes, config.error_rate_limit) == (1.5, 7, 0.05)
    for variable, value in (("LATENCY_LIMIT_MS", "soon"), ("ERROR_RATE_LIMIT", "2"), ("MEMORY_LIMIT_BYTES", "-1")):
        with pytest.raises(SettingsError):
            load_config(environ={f"CODEKIN_{variable}": value})


async def test_the_page_is_read_by_the_official_parser(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        for _ in range(3):
            await engine.search(SearchRequest("retry"))
        await engine.related(sample / "api/parcelpost/carriers.py", 13, 14)
        with pytest.raises(SettingsError):
            await engine.search(SearchRequest("(", mode="regex"))
        status = engine.status()
    read = samples(metrics_text(status))
    assert read["vector_search_duration_ms_count",] >= 4  # a search may ask the store more than once
    assert read["vector_search_duration_ms_bucket", ("le", "+Inf")] == read["vector_search_duration_ms_count",]
    assert 0 < read["vector_search_duration_ms_sum",] <= read["codekin_search_duration_ms_sum",]
    assert read["codekin_search_duration_ms_count",] == 4
    assert read["codekin_searches_total", ("outcome", "answered")] == 4
    assert read["codekin_searches_total", ("outcome", "refused")] == 1
    assert read["codekin_searches_total", ("outcome", "failed")] == 0
    assert read["codekin_coverage_ratio",] == 1
    assert read["codekin_files",] == status.files
    assert read["codekin_queue_length", ("queue", "files")] == 0
    assert read["codekin_resident_memory_bytes",] > 10_000_000
    assert read["codekin_state", ("state", "ready")] == 1
    assert sum(value for key, value in read.items() if key[0] == "codekin_state") == 1
    assert str(sample) not in metrics_text(status)
    buckets = [value for key, value in read.items() if key[0] == "vector_search_duration_ms_bucket"]
    assert buckets == sorted(buckets)


def test_the_page_before_the_engine_is_there():
    assert samples(metrics_text(None))["codekin_state", ("state", "starting")] == 1


def test_the_page_knows_every_name():
    assert get_args(State) == STATES
    assert get_args(Outcome) == OUTCOMES
    assert get_args(AlertName) == ALERTS


async def test_searches_that_wait_for_a_thread_are_a_queue(sample):
    (sample / "big.txt").write_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 20_000)
    async with open_engine(sample) as engine:
        await engine.index()
        stop = threading.Event()
        tasks = [asyncio.create_task(engine.search(SearchRequest("(a+)+b", mode="regex"), stop)) for _ in range(5)]
        await asyncio.sleep(0)
        assert engine.measures().waiting.searches == 3
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        measures = engine.measures()
        assert measures.waiting.searches == 0
        assert sum(measures.searches.values()) == 5


def test_resident_memory_is_what_the_system_says():
    psutil = pytest.importorskip("psutil")
    assert resident_bytes() == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)


@pytest.mark.parametrize("text", ["127.0.0.1:9464", "localhost:0", "[::1]:1", "127.8.8.8:65535"])
def test_addresses_of_this_machine(text):
    address = parse_address(text)
    assert dataclasses.asdict(address)["port"] == int(text.rpartition(":")[2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9464",
        ":9464",
        "0.0.0.0:9464",
        "[::]:1",
        "192.168.1.5:80",
        "example.org:80",
        "127.0.0.1:",
        "127.0.0.1:70000",
    ],
)
def test_other_addresses_are_refused(text):
    with pytest.raises(SettingsError):
        parse_address(text)
