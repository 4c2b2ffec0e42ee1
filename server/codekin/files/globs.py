"""Globs in .gitignore syntax, as filters use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from codekin.errors import SettingsError
from codekin.files.git_ignore.patterns import Patterns
from codekin.files.git_ignore.wildmatch import octets

_MAX_GLOBS = 1_000
_MAX_GLOB_BYTES = 4_096


class PathGlobs:
    r"""Matches paths relative to the root. A leading "!" excludes; with exclusions alone, everything else matches.

    Raises SettingsError for a glob that matches nothing, as `[` or `a\` do in this syntax, and for more globs than anyone writes.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        lines = list(globs)
        if len(lines) > _MAX_GLOBS:
            raise SettingsError(f"More than {_MAX_GLOBS} path globs. To fix: name fewer, or a folder above them.")
        positive = [line for line in lines if not line.startswith("!")]
        self._wanted = _patterns(positive) if positive else None
        self._unwanted = _patterns([line[1:] for line in lines if line.startswith("!")])

    def matches(self, path: str) -> bool:
        """Whether the path, or a folder that it is in, is wanted and not excluded."""
        compared = octets(path)
        return (self._wanted is None or self._wanted.covers(compared)) and not self._unwanted.covers(compared)


def _patterns(globs: Sequence[str]) -> Patterns:
    for glob in globs:
        if len(octets(glob)) > _MAX_GLOB_BYTES:
            raise SettingsError(f"A path glob is longer than {_MAX_GLOB_BYTES} bytes. To fix: shorten it.")
        if not Patterns.of("filter", [glob]):
            raise SettingsError(
                f"The path glob {glob!r} matches nothing. To fix: close brackets, and write a backslash before a "
                "special character that is meant as such."
            )
    patterns = Patterns.of("filter", globs)
    if patterns.problems:
        raise SettingsError("The path globs are too long together. To fix: name fewer, or a folder above them.")
    return patterns
