"""Progress on standard error: a bar in a terminal, or else a line every few seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from codekin.engine import Progress

_LINE_EVERY_S = 2.0


class Bar:
    """A context manager that shows the engine's progress."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._rich = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=quiet or not self._terminal,
        )
        self._task = self._rich.add_task("Scanning", total=None, rate="")
        self._printed_at = time.monotonic()

    def __enter__(self) -> Bar:  # noqa: PYI034 - typing.Self came with 3.11
        self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rich.stop()

    def show(self, progress: Progress) -> None:
        """Draw the progress of the pass."""
        rate = f"{progress.per_second:,.0f} chunks/s" if progress.per_second else ""
        description = progress.phase.capitalize()
        self._rich.update(
            self._task, description=description, completed=progress.done, total=progress.total or None, rate=rate
        )
        unit = "chunks" if progress.phase == "deepening" else "files"
        if not self._quiet and not self._terminal and time.monotonic() - self._printed_at > _LINE_EVERY_S:
            self._printed_at = time.monotonic()
            sys.stderr.write(f"{description} {progress.done}/{progress.total} {unit}, {rate}\n")
            sys.stderr.flush()
