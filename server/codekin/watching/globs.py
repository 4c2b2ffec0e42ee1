"""Globs in .gitignore syntax, as filters and settings use them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pathspec import GitIgnoreSpec

from codekin.errors import SettingsError


class PathGlobs:
    """Matches paths relative to the root. A leading "!" excludes; with exclusions alone, everything else matches. Raises SettingsError."""

    def __init__(self, globs: Iterable[str]) -> None:
        lines = list(globs)
        positive = [line for line in lines if not line.startswith("!")]
        self._wanted = _spec(positive) if positive else None
        self._unwanted = _spec([line[1:] for line in lines if line.startswith("!")])

    def matches(self, path: str) -> bool:
        """Whether the path is wanted and not excluded."""
        return (self._wanted is None or self._wanted.match_file(path)) and not self._unwanted.match_file(path)


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error) as error:  # such as a range [z-a], or a lone backslash
        raise SettingsError(f"Not a glob in .gitignore syntax: {', '.join(lines)}") from error
