"""The current text of files, redacted like the index, and whether it is the indexed text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from codekin.chunking import outline_of, redact, split_lines
from codekin.domain.search import SearchResult
from codekin.domain.values import Skipped
from codekin.domain.words import bare_name
from codekin.engine import Engine
from codekin.errors import CodekinError
from codekin.files import changed_ns, read_source
from codekin.history import file_at

_MAX_FILE_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class CurrentText:
    """The lines of a file as it is now, without secrets.

    `is_changed` is whether they differ from the indexed lines, `secrets` the number of secrets that
    were replaced.
    """

    path: str
    lines: tuple[str, ...]
    is_changed: bool
    secrets: int


@dataclass(frozen=True, slots=True)
class Span:
    """Lines [start, end) of a file, and the line at which they open."""

    start: int
    end: int
    focus: int


class Reader:
    """Reads the files of one answer, each once. Blocking; for one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._texts: dict[tuple[str, str], CurrentText | Skipped] = {}
        self._changed: dict[tuple[str, str], bool] = {}
        self._revisions: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def text(self, root: str, path: str) -> CurrentText | Skipped:
        """Return the text of a file, or why it has none."""
        known = self._texts.get((root, path))
        if known is None:
            known = self._texts[root, path] = self._read(root, path)
        return known

    def at_revision(self, root: str, path: str, revision: str) -> tuple[str, ...]:
        """Return the lines of a file at a commit, without secrets; none if it cannot be read."""
        key = root, path, revision
        if key not in self._revisions:
            try:
                text = file_at(Path(root), revision, path)
            except CodekinError:
                text = ""
            self._revisions[key] = tuple(split_lines(redact(text)[0]))
        return self._revisions[key]

    def is_changed(self, root: str, path: str) -> bool:
        """Whether a file differs from what was indexed. It is read if its size or time differ."""
        known = self._changed.get((root, path))
        if known is None:
            known = self._changed[root, path] = self._differs(root, path)
        return known

    def _differs(self, root: str, path: str) -> bool:
        record = self._engine.record_of(root, path)
        try:
            status = os.stat(os.path.join(root, path))  # noqa: PTH116, PTH118 - for every result of a search
        except (OSError, ValueError):
            return True
        if record and (record.size_bytes, record.mtime_ns) == (status.st_size, changed_ns(status)):
            return False
        text = self.text(root, path)
        return isinstance(text, Skipped) or text.is_changed

    def span(self, result: SearchResult) -> Span | None:
        """Return where a result is now, or None if its file can no longer be read.

        In a changed file, it is the definition with the same name nearest to the old place, or the
        whole file if there is none.
        """
        focus = result.focus.start_line if result.focus else result.start_line
        if not self.is_changed(result.root, result.path):
            return Span(result.start_line, max(result.end_line, result.start_line + 1), focus)
        text = self.text(result.root, result.path)
        if isinstance(text, Skipped):
            return None
        name = bare_name(result.symbol)
        items = [
            item for top in outline_of(result.path, "".join(text.lines)) for _, item in top.walk() if item.name == name
        ]
        if not items:
            return Span(0, len(text.lines), min(focus, max(0, len(text.lines) - 1)))
        item = min(items, key=lambda item: abs(item.line - focus))
        return Span(item.start_line, item.end_line, item.line)

    def _read(self, root: str, path: str) -> CurrentText | Skipped:
        source = read_source(Path(root), path, _MAX_FILE_BYTES)
        if isinstance(source, Skipped):
            return source
        record = self._engine.record_of(root, path)
        clean, secrets = redact(source.text)
        changed = record is None or record.digest != source.digest
        return CurrentText(path, tuple(split_lines(clean)), changed, secrets)
