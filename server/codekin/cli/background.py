"""A command that continues after its caller has gone on, for hooks of agents and editors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from codekin.config import load_config
from codekin.disk import make_private_folder

ERRORS = "background.log"
"""The file, in the home folder of the indexes, with what the latest such command reported."""


def start_in_background(arguments: Sequence[str]) -> None:
    """Start `codekin` with these arguments and return at once.

    It has no terminal, and its messages go to a file. Raises SettingsError for invalid settings,
    and OSError.
    """
    home = load_config().home_path()
    make_private_folder(home)
    with (home / ERRORS).open("wb") as errors:
        subprocess.Popen(  # noqa: S603 - this Python, with arguments of the command line
            [sys.executable, "-m", "codekin", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
