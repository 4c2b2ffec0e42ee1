"""The checks that run beside others: in order, with their output, and none outlives a failure."""

from __future__ import annotations

import sys

import pytest

import everything


def step(title, code):
    return title, (sys.executable, "-c", code)


def test_steps_run_one_after_another_and_their_output_is_shown(capsys):
    with everything.beside(step("First", "print(40 + 2)"), step("Second", "print(30 + 3)")):
        print("block")
    shown = capsys.readouterr().out
    parts = ["block", "Output of First, Second", "42", "33", "First: done in", "Second: done in"]
    assert [shown.index(part) for part in parts] == sorted(shown.index(part) for part in parts)


def test_a_step_that_fails_ends_the_run_and_is_named(tmp_path):
    with (
        pytest.raises(SystemExit, match=r"First failed \(exit status 3\)"),
        everything.beside(step("First", "raise SystemExit(3)"), step("Second", f"open(r'{tmp_path / 'ran'}', 'w')")),
    ):
        pass
    assert not (tmp_path / "ran").exists()


def test_a_block_that_fails_ends_the_step_that_runs(tmp_path):
    with (
        pytest.raises(SystemExit, match="the block"),
        everything.beside(
            step("First", "import time; time.sleep(600)"), step("Second", f"open(r'{tmp_path / 'ran'}', 'w')")
        ),
    ):
        sys.exit("the block")
    assert not (tmp_path / "ran").exists()


def test_a_step_that_does_not_end_in_time_fails(monkeypatch):
    monkeypatch.setattr(everything, "BESIDE_LIMIT_S", 0.0)
    with (
        pytest.raises(SystemExit, match="First failed"),
        everything.beside(step("First", "import time; time.sleep(600)")),
    ):
        pass
