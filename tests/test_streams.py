"""Output on a thread of its own: in order, complete, and never in the way of who writes."""

from __future__ import annotations

import os
import threading

import pytest

from codekin import streams
from codekin.streams import OutputThread


@pytest.fixture
def pipe():
    source, target = os.pipe()
    output = os.fdopen(target, "wb")
    yield source, output
    for close in (lambda: os.close(source), output.close):
        try:
            close()
        except OSError:  # closed by the test, or what it left unwritten has nowhere to go
            continue


def read_all(source, count):
    data = b""
    while len(data) < count:
        data += os.read(source, 65536)
    return data


def test_a_client_that_does_not_read_keeps_nobody_waiting(pipe):
    source, output = pipe
    thread = OutputThread(output, lambda: None)
    messages = [bytes([number]) * 50_000 for number in range(40)]
    for message in messages:  # many times what a pipe holds, and nobody reads yet
        thread.write(message)
    assert read_all(source, 2_000_000) == b"".join(messages)
    thread.close()


def test_closing_waits_for_what_is_queued(pipe):
    source, output = pipe
    thread = OutputThread(output, lambda: None)
    reader = threading.Thread(target=lambda: received.append(read_all(source, 400_000)))
    received = []
    thread.write(b"x" * 400_000)
    reader.start()
    thread.close()
    reader.join()
    assert received == [b"x" * 400_000]


def test_the_loss_of_the_other_end_is_reported_once_and_ends_writing(pipe):
    source, output = pipe
    lost = threading.Event()
    calls = []
    thread = OutputThread(output, lambda: (calls.append(1), lost.set()))
    os.close(source)
    thread.write(b"one")
    assert lost.wait(60)
    with pytest.raises(BrokenPipeError):
        thread.write(b"two")
    thread.close()
    assert calls == [1]


def test_a_client_that_leaves_too_much_unread_is_given_up(pipe, monkeypatch):
    monkeypatch.setattr(streams, "MAX_UNREAD_BYTES", 1_000_000)
    thread = OutputThread(pipe[1], lambda: None)
    for _ in range(11):  # none of it fits into the pipe as a whole
        thread.write(b"x" * 100_000)
    with pytest.raises(OSError, match="reads nothing"):
        thread.write(b"x")
