"""Metrics and alerts of a real server process."""

from __future__ import annotations

import asyncio
import http.client
import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pygls.exceptions import JsonRpcException

from support.commands import run_codekin

UNPLUGGED = """\
import os, pathlib
from codekin.errors import IndexUnavailableError
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.registry import VECTOR_STORES

class Unplugged(FlatIndex):
    def get(self, *arguments):
        if pathlib.Path(os.environ["CODEKIN_HOME"], "unplugged").exists():
            raise IndexUnavailableError("The store does not answer.")
        return super().get(*arguments)

VECTOR_STORES["unplugged"] = Unplugged.open
from codekin.__main__ import main
main()
"""
"""A server whose vector store goes away while a file is there."""


@pytest.fixture
def url_of(ask):
    async def url(client):
        return (await ask(client, "codekin/status", {})).metricsUrl

    return url


async def scrape(url):
    def get():
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return answer.read().decode()

    text = await asyncio.to_thread(get)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_the_page_follows_the_searches(start, sample, ask, url_of, host):
    if host == "[::1]" and not has_ipv6():
        pytest.skip("this machine has no ::1")
    client = await start(sample, arguments=["--metrics", f"{host}:0"])
    url = await url_of(client)
    before = await scrape(url)
    assert before["codekin_state", ("state", "ready")] == 1
    assert before["codekin_coverage_ratio",] == 1
    for _ in range(4):
        await ask(client, "codekin/search", {"query": "retry"})
    after = await scrape(url)
    assert after["vector_search_duration_ms_count",] - before["vector_search_duration_ms_count",] >= 4
    assert after["codekin_searches_total", ("outcome", "answered")] == 4
    assert after["codekin_searches_per_second",] > 0
    metrics = (await ask(client, "codekin/status", {})).metrics
    assert metrics.searches.answered == 4
    assert metrics.latencyP95Ms >= metrics.latencyP50Ms > 0
    assert metrics.memoryBytes > 10_000_000


async def test_only_the_page_is_served_and_only_to_this_machine(start, sample, url_of):
    client = await start(sample, arguments=["--metrics", "127.0.0.1:0"])
    url = await url_of(client)
    port = int(url.split(":")[2].split("/")[0])

    def status_of(method, path, host):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, len(answer.read())

    assert (await asyncio.to_thread(status_of, "GET", "/metrics", f"localhost:{port}"))[0] == 200
    assert await asyncio.to_thread(status_of, "HEAD", "/metrics", "127.0.0.1") == (200, 0)
    assert (await asyncio.to_thread(status_of, "GET", "/", f"127.0.0.1:{port}"))[0] == 404
    assert (await asyncio.to_thread(status_of, "POST", "/metrics", f"127.0.0.1:{port}"))[0] == 501
    assert (await asyncio.to_thread(status_of, "GET", "/metrics", "rebound.example.org"))[0] == 421


async def test_the_page_is_there_before_the_index_is_ready(start, sample, url_of):
    client = await start(sample, arguments=["--metrics", "127.0.0.1:0"], ready=False)
    assert (await scrape(await url_of(client)))["codekin_build_info", ("version", version())] == 1


@pytest.mark.parametrize("address", ["0.0.0.0:0", "example.org:80", "here", "taken"])
def test_an_address_that_cannot_be_used_is_told(address):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        given = f"127.0.0.1:{holder.getsockname()[1]}" if address == "taken" else address
        done = run_codekin("serve", "--metrics", given)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("codekin: ")
    assert "Traceback" not in done.stderr


async def test_memory_over_the_limit_degrades(start, sample, ask):
    client = await start(sample, options={"memoryLimitBytes": 1_000_000})
    status = await ask(client, "codekin/status", {})
    assert status.state == "degraded"
    assert status.alerts == ["memory"]
    assert any("memoryLimitBytes" in reason for reason in status.reasons)


async def test_slow_searches_degrade_and_the_client_is_told(start, sample, ask, wait_until):
    client = await start(sample, options={"latencyLimitMs": 0.001})
    assert (await ask(client, "codekin/status", {})).state == "ready"
    for _ in range(10):
        await ask(client, "codekin/search", {"query": "retry"})
    status = await ask(client, "codekin/status", {})
    assert (status.state, status.alerts) == ("degraded", ["latency"])

    async def told():
        return any(status.alerts == ["latency"] for status in client.statuses)

    await wait_until(told)


async def test_failing_searches_degrade_until_they_succeed_again(start, sample, ask, home):
    client = await start(sample, program=UNPLUGGED, options={"vectors": "unplugged"})
    (home / "unplugged").touch()
    for _ in range(10):
        with pytest.raises(JsonRpcException) as failure:
            await ask(client, "codekin/search", {"query": "retry"})
        assert failure.value.code == -32803
    status = await ask(client, "codekin/status", {})
    assert (status.state, status.alerts) == ("degraded", ["errors"])
    assert any("The store does not answer." in reason and "To fix:" in reason for reason in status.reasons)
    assert status.metrics.searches.failed == 10
    (home / "unplugged").unlink()
    for _ in range(200):
        await ask(client, "codekin/search", {"query": "retry"})
    status = await ask(client, "codekin/status", {})
    assert (status.state, status.alerts) == ("ready", [])
    assert status.metrics.errorRate == pytest.approx(10 / 210)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def version():
    from codekin import __version__

    return __version__
