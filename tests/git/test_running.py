"""Calls of git end at their limits, when stopped, and when their parent process is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from codekin.errors import GitError
from codekin.git import Stop, run_git, stream_git
from support.waiting import wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs named pipes")
LIMITS = {"limit_s": 30.0, "limit_bytes": 1_000_000}


@pytest.fixture
def stuck(tmp_path):
    """A repository whose reading never ends: a pipe stands where a reference is expected."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    os.mkfifo(tmp_path / ".git/refs/heads/main")
    return tmp_path


def gits(root):
    """Processes of git that were started for the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "git" and str(root) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def test_a_call_ends_at_its_time_limit(stuck):
    with pytest.raises(GitError, match=r"longer than 0\.2 s"):
        run_git(stuck, "log", limit_s=0.2, limit_bytes=1000)
    assert gits(stuck) == []


def test_a_call_ends_at_its_output_limit(stuck):
    with pytest.raises(GitError, match="more than 100 bytes"):
        run_git(stuck, "help", "-c", limit_s=30, limit_bytes=100)


def test_a_call_that_is_stopped_ends(stuck):
    stop = Stop()
    said = []

    def call():
        try:
            run_git(stuck, "log", **LIMITS, stop=stop)
        except GitError as error:
            said.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    wait_until(lambda: gits(stuck))
    stop.set()
    thread.join(10)
    assert "cancelled" in said[0]
    with pytest.raises(GitError, match="cancelled"):
        run_git(stuck, "rev-parse", "--git-dir", **LIMITS, stop=stop)
    assert gits(stuck) == []


def test_a_reader_that_stops_early_ends_git(stuck):
    blocks = stream_git(stuck, "help", "-c", **LIMITS)
    assert next(blocks)
    blocks.close()
    wait_until(lambda: not gits(stuck))


def test_git_ends_with_a_program_that_is_killed(stuck):
    code = f"""
import threading, time
from pathlib import Path
from codekin.git import Stop, run_git
stop = Stop()
call = lambda: run_git(Path({str(stuck)!r}), "log", limit_s=99, limit_bytes=1, stop=stop)
threading.Thread(target=call, daemon=True).start()
while not stop._calls:  # from then on, git is watched over
    time.sleep(0.01)
print("runs", flush=True)
time.sleep(99)
"""
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with program:
        assert program.stdout.readline() == b"runs\n"
        assert gits(stuck)
        program.kill()
    wait_until(lambda: not gits(stuck))


def test_input_is_given_and_output_comes_whole(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    text = b"x" * 3_000_000
    sha = run_git(tmp_path, "hash-object", "-w", "--stdin", **LIMITS, stdin=text).decode().strip()
    assert run_git(tmp_path, "cat-file", "blob", sha, limit_s=30, limit_bytes=len(text)) == text


def test_git_is_never_taken_from_a_relative_folder(tmp_path, monkeypatch):
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\necho mine\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for first in (".", "", str(tmp_path)):
        monkeypatch.setenv("PATH", os.pathsep.join([first, os.environ["PATH"]]))
        assert run_git(Path("/"), "version", **LIMITS).startswith(b"git version")


def test_without_git_the_message_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(GitError, match="not installed"):
        run_git(tmp_path, "version", **LIMITS)


def test_variables_that_lead_git_elsewhere_are_not_passed_on(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name in (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_EXTERNAL_DIFF",
        "GIT_TRACE",
    ):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    found = run_git(tmp_path, "rev-parse", "--absolute-git-dir", **LIMITS).decode().strip()
    assert Path(found) == (tmp_path / ".git").resolve()
    assert not (tmp_path / "elsewhere").exists()
