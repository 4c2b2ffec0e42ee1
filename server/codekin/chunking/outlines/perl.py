"""Packages, functions and constants of Perl, by their lines.

The bundled grammar is not used: its scanner does not return for some texts.
"""

from __future__ import annotations

import re
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
_MAX_FUNCTION = 2_000
"""Lines after which a function whose end was not found is one line."""


def perl_definitions(lines: Sequence[str]) -> list[Found]:
    """Return the packages, functions and constants; POD and what follows `__END__` are skipped."""
    found: list[Found] = []
    package, in_pod = "", False
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
            Found(match[1], "function", number, number, _end(lines, number), scope, container=False)
            for match in _FUNCTION.finditer(code)
        )
    return _closed(found)


def _end(lines: Sequence[str], start: int) -> int:
    """Return the line behind a function: that of a closing brace indented like it, or the next."""
    line = lines[start]
    if line.count("{") <= line.count("}") and "{" in line:
        return start + 1
    closing = line[: len(line) - len(line.lstrip())] + "}"
    for number in range(start + 1, min(len(lines), start + _MAX_FUNCTION)):
        if lines[number].startswith(closing):
            return number + 1
        if _PACKAGE.match(lines[number][:_COMPARED]):
            return number
    return start + 1


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
