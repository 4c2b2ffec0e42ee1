"""A complete index on a read-only or full disk, or of another user, answers searches."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys

import pytest

from support.commands import codekin_command
from support.engines import open_indexed


@pytest.fixture
async def indexed(tmp_path):
    root, home = tmp_path / "ws", tmp_path / "home"
    root.mkdir()
    (root / "a.py").write_text("def weigh_the_parcel():\n    return 1\n")
    async with open_indexed(root, home=str(home), history=False, embedder="static"):
        return root, home


def may(*command):
    """Whether this machine lets the tests do that."""
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def run(home, command):
    environment = {**os.environ, "CODEKIN_HOME": str(home), "CODEKIN_HISTORY": "off"}
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=False)


NO_RIGHTS = (
    ("setpriv", "--inh-caps=-all", "--bounding-set=-all") if os.name == "posix" and os.geteuid() == 0 else ("env",)
)


@contextlib.contextmanager
def not_writable(home):
    """No right to write anywhere below, and every right to read."""
    modes = {path: path.stat().st_mode for path in (home, *home.rglob("*"))}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.skipif(not may(*NO_RIGHTS, "true"), reason="root cannot give up its rights here")
async def test_who_may_only_read_searches_and_leaves_no_trace(indexed):
    root, home = indexed
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    with not_writable(home):
        found = run(home, [*NO_RIGHTS, *codekin_command("search", "--json", "weigh the parcel", root)])
        status = run(home, [*NO_RIGHTS, *codekin_command("status", root)])
    assert found.returncode == 0, found.stderr
    assert "weigh_the_parcel" in found.stdout
    assert "The index is read-only" in status.stdout, status.stdout + status.stderr
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


@pytest.mark.skipif(not may("unshare", "-m", "true"), reason="mounting needs rights of its own")
@pytest.mark.parametrize("mount", ["ro", "full"])
async def test_a_disk_that_is_read_only_or_full_answers(indexed, tmp_path, mount):
    root, home = indexed
    disk = tmp_path / "disk"
    disk.mkdir()
    make_full = f"cat /dev/zero > {disk}/junk 2>/dev/null; true" if mount == "full" else f"mount -o remount,ro {disk}"
    script = (
        f"mount -t tmpfs -o size=8m tmpfs {disk} && cp -a {home}/. {disk}/ && {{ {make_full}; }} && "
        f"{sys.executable} -m codekin search --json 'weigh the parcel' {root}"
    )
    done = run(disk, ["unshare", "-m", "sh", "-c", script])
    assert done.returncode == 0, done.stderr
    assert "weigh_the_parcel" in done.stdout
