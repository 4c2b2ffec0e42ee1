"""Globs in .gitignore syntax, as filters use them."""

from __future__ import annotations

from collections.abc import Iterable

from codekin.errors import SettingsError
from codekin.watching.patterns import Patterns
from codekin.watching.wildmatch import octets

_MAX_GLOBS = 1_000
_MAX_GLOB_BYTES = 4_096


class PathGlobs:
    r"""Matches paths relative to the root. A leading "!" excludes; with exclusions alone, everything else matches.

    A glob that git's syntax lets match nothing, as `[` or `a\`, matches nothing. Raises SettingsError for more or longer
    globs than anyone writes.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        lines = list(globs)
        if len(lines) > _MAX_GLOBS:
            raise SettingsError(f"More than {_MAX_GLOBS} path globs. To fix: name fewer, or a folder above them.")
        if any(len(octets(line)) > _MAX_GLOB_BYTES for line in lines):
            raise SettingsError(f"A path glob is longer than {_MAX_GLOB_BYTES} bytes. To fix: shorten it.")
        positive = [line for line in lines if not line.startswith("!")]
        self._wanted = Patterns.of("filter", positive) if positive else None
        self._unwanted = Patterns.of("filter", [line[1:] for line in lines if line.startswith("!")])
        if self._unwanted.problems or (self._wanted and self._wanted.problems):
            raise SettingsError("The path globs are too long together. To fix: name fewer, or a folder above them.")

    def matches(self, path: str) -> bool:
        """Whether the path, or a folder that it lies in, is wanted and not excluded."""
        compared = octets(path)
        return (self._wanted is None or self._wanted.covers(compared)) and not self._unwanted.covers(compared)
