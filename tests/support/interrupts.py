"""The exit status of an interrupted pytest, for `tests/everything.py --quick`."""

from __future__ import annotations

import signal

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Make an interrupted run fail if one of its tests had failed, which pytest only prints.

    Later interrupts are ignored, because they would replace the exit status.
    """
    if session.testsfailed and session.exitstatus == pytest.ExitCode.INTERRUPTED:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
