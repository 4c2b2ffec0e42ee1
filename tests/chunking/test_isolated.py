"""Texts that crash or hang the parsing process cost that process only, and are reported."""

from __future__ import annotations

import os
import signal
import threading
import time

import psutil
import pytest

from codekin.chunking.isolated import Isolated
from codekin.indexing import prepare_buffer
from codekin.indexing.prepare import close_isolated


@pytest.fixture
def isolated():
    made = Isolated(longest_s=1.0)
    yield made
    made.close()


def children():
    return {child.pid for child in psutil.Process().children()}


def when_it_has_begun(before, act):
    """Act on every parsing process as soon as it has started."""
    seen, ended = set(before), threading.Event()

    def look():
        while not ended.wait(0.005):
            for pid in children() - seen:
                seen.add(pid)
                act(pid)

    thread = threading.Thread(target=look)
    thread.start()
    return lambda: (ended.set(), thread.join())


def test_a_text_that_crashes_the_process_is_tried_twice_and_reported(isolated):
    killed = []
    stop = when_it_has_begun(children(), lambda pid: (os.kill(pid, signal.SIGKILL), killed.append(pid)))
    try:
        answer = isolated.chunks("poison.py", "x = 1\n" * 50_000)
    finally:
        stop()
    assert answer == "the parser crashed its process (ended with SIGKILL)"
    assert len(killed) == 2


def test_a_text_that_takes_too_long_is_stopped_and_reported(isolated):
    stop = when_it_has_begun(children(), lambda pid: os.kill(pid, signal.SIGSTOP))
    began = time.monotonic()
    try:
        answer = isolated.chunks("slow.py", "x = 1\n" * 50_000)
    finally:
        stop()
    assert answer == "chunking took more than 1 s"
    assert time.monotonic() - began < 30


def test_the_text_after_a_harmful_one_is_chunked():
    isolated = Isolated()
    before = children()
    stop = when_it_has_begun(before, lambda pid: os.kill(pid, signal.SIGKILL))
    try:
        isolated.chunks("poison.py", "x = 1\n" * 50_000)
    finally:
        stop()
    assert len(isolated.chunks("good.py", "def total():\n    return 1\n").chunks) == 1
    isolated.close()
    assert children() == before


def test_a_large_text_is_cut_by_lines_and_reported_if_no_process_can_be_started(monkeypatch):
    close_isolated()
    monkeypatch.setattr("sys.executable", "")
    prepared = prepare_buffer("deep.py", "(" * 200_000)
    assert (
        prepared.trouble
        == "the parsing process could not be started (this Python has no executable that can be started)"
    )
    assert sum(len(chunk.text) for chunk in prepared.chunks[1:]) > 0
