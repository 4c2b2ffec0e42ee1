"""Record in a file where each Python process tries to connect. Python runs this before anything else."""

import os
import sys
from pathlib import Path


def note(text: str) -> None:
    with Path(os.environ["CODEKIN_E2E_NOTES"]).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # An address that is not a tuple is a file on this machine.
        if isinstance(address, tuple):
            note(f"connect {address[0]}")
    elif event == "socket.getaddrinfo":
        note(f"resolve {arguments[0]}")


note(f"started {' '.join(sys.orig_argv[1:])}".split("\n", 1)[0])
sys.addaudithook(watch)
