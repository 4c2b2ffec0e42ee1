"""Packages, functions and constants of Perl, by their lines.

The bundled grammar is not used: its scanner does not return for some texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from codekin.chunking.definitions import Found

_COMPARED = 1_000
_NAME = r"([A-Za-z_][\w:']{0,200})"
_PACKAGE = re.compile(rf"\s{{0,100}}(?:package|class|role)\s+{_NAME}")
_FUNCTION = re.compile(rf"(?:^|[;{{}}\s])(?:async\s+)?(?:sub|method|fun)\s+{_NAME}")
_CONSTANT = re.compile(r"\s{0,100}use\s+constant\s+(?:\{(?P<many>[^}]{0,900})|(?P<one>[A-Za-z_]\w{0,200}))")
_KEY = re.compile(r"([A-Za-z_]\w{0,200})\s*=>")
_POD = re.compile(r"=[a-zA-Z]")
_END = ("__END__", "__DATA__")


def perl_definitions(lines: Sequence[str]) -> list[Found]:
    """Return the packages, functions and constants; POD and what follows `__END__` are skipped."""
    found: list[Found] = []
    package, in_pod = "", False
    ends = _Ends(lines)
    for number, full in enumerate(lines):
        line = full[:_COMPARED]
        if line.rstrip() in _END:
            break
        if in_pod or _POD.match(line):
            in_pod = not line.startswith("=cut")
            continue
        code = line.partition(" #")[0] if not line.lstrip().startswith("#") else ""
        if named := _PACKAGE.match(code):
            package = named[1]
            found.append(Found(package, "module", number, number, len(lines), (), container=True))
        scope = (package,) if package else ()
        if constant := _CONSTANT.match(code):
            names = [constant["one"]] if constant["one"] else _KEY.findall(constant["many"])
            found += (Found(name, "constant", number, number, number + 1, scope, container=False) for name in names)
        found += (
            Found(match[1], "function", number, number, ends.behind(line, number), scope, container=False)
            for match in _FUNCTION.finditer(code)
        )
    return _closed(found)


class _Ends:
    """The lines on which functions may end: closing braces by indentation, and packages."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._braces: dict[str, list[int]] = {}
        self._packages: list[int] = []
        for number, line in enumerate(lines):
            bare = line.lstrip()
            if bare.startswith("}"):
                self._braces.setdefault(line[: len(line) - len(bare)], []).append(number)
            elif _PACKAGE.match(line[:_COMPARED]):
                self._packages.append(number)

    def behind(self, line: str, start: int) -> int:
        """Return the line behind a function: behind a brace indented like it, or the next one."""
        if "{" in line and line.count("{") <= line.count("}"):
            return start + 1
        brace = _after(self._braces.get(line[: len(line) - len(line.lstrip())], ()), start)
        package = _after(self._packages, start)
        if brace >= 0 and (package < 0 or brace < package):
            return brace + 1
        return package if package >= 0 else start + 1


def _after(numbers: Sequence[int], start: int) -> int:
    at = bisect_right(numbers, start)
    return numbers[at] if at < len(numbers) else -1


def _closed(found: list[Found]) -> list[Found]:
    """Return the definitions with each package up to the next one."""
    ends = [item.start_line for item in found if item.container][1:]
    closed = iter(ends)
    return [
        Found(item.name, item.kind, item.line, item.start_line, next(closed, item.end_line), item.scope, container=True)
        if item.container
        else item
        for item in found
    ]
