"""Tests that fail are run once more, and only those that pass then are forgiven."""

from __future__ import annotations

import sys

import pytest

import everything

UNSTABLE = """
from pathlib import Path
MARK = Path(__file__).with_suffix(".ran")

def test_passes_the_second_time():
    ran = MARK.exists()
    MARK.touch()
    assert ran
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(everything, "ROOT", tmp_path)
    monkeypatch.setattr(everything, "FAILED_TESTS", tmp_path / ".pytest_cache" / "v" / "cache" / "lastfailed")
    monkeypatch.setattr(everything, "PYTEST", (sys.executable, "-m", "pytest", "-n", "0"))
    return tmp_path


def test_a_test_that_passes_when_run_again_is_reported(checkout, capfd):
    (checkout / "test_unstable.py").write_text(UNSTABLE)
    everything.run_tests()
    told = capfd.readouterr().out
    assert "Unstable, passed when run once more:\n   test_unstable.py::test_passes_the_second_time\n" in told


def test_a_test_that_fails_twice_ends_the_run(checkout, capfd):
    (checkout / "test_unstable.py").write_text(UNSTABLE)
    (checkout / "test_wrong.py").write_text("def test_fails():\n    assert False\n")
    with pytest.raises(SystemExit, match="Tests failed"):
        everything.run_tests()
    assert "test_wrong.py::test_fails" in capfd.readouterr().out


def test_many_failures_are_not_run_again(checkout, capfd):
    for number in range(everything.MOST_UNSTABLE + 1):
        (checkout / f"test_unstable_{number}.py").write_text(UNSTABLE)
    with pytest.raises(SystemExit, match="Tests failed"):
        everything.run_tests()
    assert "once more" not in capfd.readouterr().out
