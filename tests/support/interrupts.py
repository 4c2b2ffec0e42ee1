"""What an interrupted run of pytest ends with: `tests/everything.py --quick` interrupts one when its time is over."""

from __future__ import annotations

import signal

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """An interrupted run in which a test had failed has failed: by itself pytest says that only in words. From here on the exit
    status is settled, and an interrupt while the process ends would take its place.
    """
    if session.testsfailed and session.exitstatus == pytest.ExitCode.INTERRUPTED:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
