"""codekin on the command line, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

DEADLINE_S = 180


def codekin_command(*arguments, program=None):
    """The command that runs codekin in this Python.

    `program` is source text that is run instead of the module.
    """
    return [sys.executable, *(("-c", program) if program else ("-m", "codekin")), *map(str, arguments)]


def run_codekin(*arguments, cwd=None, check=False, program=None, **environment):
    """Runs a command until it ends and returns the finished process, with text on both outputs.

    Raises if `check` is true and the exit status is not 0. `environment` is added to that of the
    test; standard input is empty.
    """
    return subprocess.run(
        codekin_command(*arguments, program=program),
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=check,
    )
