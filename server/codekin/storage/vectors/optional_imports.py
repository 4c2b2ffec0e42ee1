"""Libraries of optional extras: imported on first use, and tried in a separate process before."""

from __future__ import annotations

import importlib
import platform
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from codekin.errors import StoreMissingError

_TIMEOUT_S = 120
_SHOWN_CHARACTERS = 300


def load(module: str, extra: str) -> Any:
    """Import a module. Raises StoreMissingError that names the extra to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise StoreMissingError(
            f'The vector store "{extra}" needs the Python package {module.partition(".")[0]}, which cannot be imported '
            f"({error}). To fix: run `pip install 'codekin[{extra}]'`."
        ) from error


def version_of(distribution: str) -> str:
    """Return the version of an installed distribution, or ""."""
    from importlib import metadata  # noqa: PLC0415 - imports the package `email`, which only this needs

    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return ""


def why_unusable(directory: Path, distribution: str, code: str) -> str:
    """Run `code` in another process and return why it failed, or "".

    A wheel that this processor cannot run does no harm there. A success is recorded in `directory`
    and not repeated for the same version, Python and machine.
    """
    record = (
        f"{distribution} {version_of(distribution)}, {sys.executable}, {platform.node()} {platform.machine()}\n{code}"
    )
    marker = directory / f"{distribution}.works"
    with suppress(OSError):
        if marker.read_text(encoding="utf-8") == record:
            return ""
    reason = _failure(code)
    if not reason:
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            marker.write_text(record, encoding="utf-8")
    return reason


def require_works(directory: Path, distribution: str, code: str, extra: str) -> None:
    """Raise StoreMissingError if the code fails or kills its process."""
    if version_of(distribution) and (reason := why_unusable(directory, distribution, code)):
        raise StoreMissingError(
            f'The vector store "{extra}" cannot be used on this machine: {distribution} {version_of(distribution)} '
            f"{reason}. To fix: choose another store with CODEKIN_VECTORS."
        )


@cache
def _failure(code: str) -> str:
    """Return why the code fails in another process, or ""."""
    try:
        done = subprocess.run(  # noqa: S603 - this Python runs code of this package
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,  # The standard streams of a language server belong to the editor.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not finish within {_TIMEOUT_S} s"
    if not done.returncode:
        return ""
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        hint = ": this processor lacks an instruction it was built for" if name == "SIGILL" else ""
        return f"was killed by {name}{hint}"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"failed: {said[-1][:_SHOWN_CHARACTERS] if said else f'exit status {done.returncode}'}"
