"""A process ends whatever its threads still do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.waiting import DEADLINE_S

THREAD = "threading.Thread(target=threading.Event().wait).start()"
DEFAULT_EXECUTOR = "asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)"
PROGRAM = """
import asyncio, threading
from codekin.event_loop import run_async
from codekin.process import end_process

async def main():
    {blocked}
    print("the answer")
    return 3

end_process(run_async(main()))
"""


@pytest.mark.parametrize("blocked", [THREAD, DEFAULT_EXECUTOR])
def test_a_blocked_thread_does_not_keep_the_process_running(blocked):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(blocked=blocked)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "the answer\n"), done.stderr


def test_a_command_ends_although_a_thread_of_a_library_is_left_behind():
    program = f"import sys, threading\n{THREAD}\nsys.argv = ['codekin', '--version']\nfrom codekin.__main__ import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("codekin")
