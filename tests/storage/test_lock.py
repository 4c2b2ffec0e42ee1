"""One writer at a time, whatever becomes of it."""

from __future__ import annotations

import subprocess
import sys

from codekin.storage import WriterLock

HOLDER = """
import sys
from pathlib import Path
from codekin.storage import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print(lock.try_acquire(), flush=True)
sys.stdin.read()
"""


def test_killed_holder_frees_the_lock(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "True"
    lock = WriterLock(tmp_path)
    assert not lock.try_acquire()
    assert str(process.pid) in lock.owner()
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert lock.try_acquire()
    lock.release()
    lock.release()
