"""Globs in .gitignore syntax, as filters use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from codekin.errors import SettingsError
from codekin.files.git_ignore.patterns import Patterns
from codekin.files.git_ignore.wildmatch import octets

_MAX_GLOBS = 1_000
_MAX_GLOB_BYTES = 4_096


class PathGlobs:
    r"""Matches paths relative to the root.

    A leading "!" excludes; with exclusions alone, everything else matches. Raises SettingsError for
    a glob that matches nothing, such as `[` or `a\`, and for more than 1,000 globs.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        lines = list(globs)
        if len(lines) > _MAX_GLOBS:
            raise SettingsError(
                f"More than {_MAX_GLOBS:,} path globs. To fix: use fewer, or the glob of a folder above them."
            )
        positive = [line for line in lines if not line.startswith("!")]
        self._included = _patterns(positive) if positive else None
        self._excluded = _patterns([line[1:] for line in lines if line.startswith("!")])

    def each(self, paths: Iterable[str]) -> Iterator[bool]:
        """Yield `matches` of each path; much faster for many paths of the same folders."""
        compared = [octets(path) for path in paths]
        included = repeat(True) if self._included is None else self._included.covers_each(compared)
        excluded = self._excluded.covers_each(compared) if self._excluded else repeat(False)
        return (one and not other for one, other in zip(included, excluded, strict=False))

    def matches(self, path: str) -> bool:
        """Return whether the path, or a folder above it, is included and not excluded."""
        compared = octets(path)
        return (self._included is None or self._included.covers(compared)) and not self._excluded.covers(compared)


def _patterns(globs: Sequence[str]) -> Patterns:
    for glob in globs:
        if len(octets(glob)) > _MAX_GLOB_BYTES:
            raise SettingsError(f"A path glob is longer than {_MAX_GLOB_BYTES:,} bytes. To fix: shorten it.")
        if not Patterns.of("filter", [glob]):
            raise SettingsError(
                f"The path glob {glob!r} matches nothing. To fix: close brackets, and escape literal special "
                "characters with a backslash."
            )
    patterns = Patterns.of("filter", globs)
    if patterns.problems:
        raise SettingsError(
            "The path globs are too long together. To fix: use fewer, or the glob of a folder above them."
        )
    return patterns
