"""Libraries that come with extras: imported when they are needed, tried out in a process of their own beforehand."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from codekin.errors import IndexUnavailableError

_TIMEOUT_S = 120
_SHOWN_CHARACTERS = 300


def load(module: str, extra: str) -> Any:
    """The module. Raises IndexUnavailableError that names the extra which brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise IndexUnavailableError(
            f'The vector store "{extra}" needs the Python package {module.partition(".")[0]}, which cannot be imported '
            f"({error}). Remedy: pip install 'codekin[{extra}]'."
        ) from error


def version_of(distribution: str) -> str:
    """Of an installed distribution, "" when it is not installed."""
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version(distribution)
    return ""


def why_it_cannot(directory: Path, distribution: str, code: str) -> str:
    """Runs `code` in another process, where a wheel that this processor cannot run does no harm; "" when it went well.

    What went well is noted in `directory` and not tried again with the same version, Python and machine.
    """
    held = (
        f"{distribution} {version_of(distribution)}, {sys.executable}, {platform.node()} {platform.machine()}\n{code}"
    )
    marker = directory / f"{distribution}.works"
    with suppress(OSError):
        if marker.read_text(encoding="utf-8") == held:
            return ""
    reason = _failure(code)
    if not reason:
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            marker.write_text(held, encoding="utf-8")
    return reason


def require_works(directory: Path, distribution: str, code: str, extra: str) -> None:
    """Raises IndexUnavailableError when the code fails or kills its process."""
    if version_of(distribution) and (reason := why_it_cannot(directory, distribution, code)):
        raise IndexUnavailableError(
            f'The vector store "{extra}" cannot be used on this machine: {distribution} {version_of(distribution)} '
            f"{reason}. Choose another one with CODEKIN_VECTORS."
        )


@cache
def _failure(code: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and code of this package
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,  # the standard streams of a language server belong to the editor
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"does not answer within {_TIMEOUT_S} s"
    if not done.returncode:
        return ""
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        hint = ": this processor lacks an instruction it was built for" if name == "SIGILL" else ""
        return f"dies with {name}{hint}"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"fails: {said[-1][:_SHOWN_CHARACTERS] if said else f'exit status {done.returncode}'}"
