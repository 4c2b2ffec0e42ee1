"""Database servers of the tests leave no folders behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from support.servers import directory


def test_folders_of_runs_that_were_killed_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    abandoned = tmp_path / f"codekin-server-{ended.pid}-x"
    in_use = tmp_path / f"codekin-server-{os.getpid()}-x"
    for folder in (abandoned, in_use):
        (folder / "data").mkdir(parents=True)
    with directory(own_user=True) as own:
        assert not abandoned.exists()
        assert in_use.exists()
        assert own.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == [in_use.name]
