"""Globs in .gitignore syntax, as filters and settings use them."""

from __future__ import annotations

from collections.abc import Iterable

from pathspec import GitIgnoreSpec


class PathGlobs:
    """Matches paths relative to the root. A leading "!" excludes; with exclusions alone, everything else matches."""

    def __init__(self, globs: Iterable[str]) -> None:
        lines = list(globs)
        positive = [line for line in lines if not line.startswith("!")]
        self._wanted = GitIgnoreSpec.from_lines(positive) if positive else None
        self._unwanted = GitIgnoreSpec.from_lines(line[1:] for line in lines if line.startswith("!"))

    def matches(self, path: str) -> bool:
        """Whether the path is wanted and not excluded."""
        return (self._wanted is None or self._wanted.match_file(path)) and not self._unwanted.match_file(path)
