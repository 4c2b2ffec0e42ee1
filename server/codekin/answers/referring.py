"""The uses of a name as places, one for each file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from codekin.answers.current import Reader
from codekin.answers.excerpts import Run, shown_line
from codekin.answers.packing import Packing, Place
from codekin.answers.tokens import brief
from codekin.domain.roles import Role
from codekin.domain.values import Skipped
from codekin.searching import Reference, ReferenceKind, References
from codekin.searching.snapshot.roles import role_of

PACKING = Packing(share=0.8, lines=(12,) * 40)
"""A line that uses a name says more than the name of its file, so most of a budget is quoted."""
_MAX_NAMED = 6
_MAX_NUMBERS = 8
_ROLES = {
    ReferenceKind.DEFINITION: "definition",
    ReferenceKind.OTHER: "probably another",
    ReferenceKind.MENTION: "comment or string",
}


def reference_places(found: Sequence[Reference], reader: Reader) -> list[Place]:
    """Return a place for the lines of each kind in each file, in their order."""
    grouped = groupby(found, key=lambda item: (item.kind, item.path))
    return [_place(list(items), reader) for _, items in grouped]


def summary_of(name: str, found: References) -> list[str]:
    """Return lines that say how often a name is defined and used, and what that includes."""
    counts = found.counts
    defined, used = _counted(counts[ReferenceKind.DEFINITION], "definition"), _counted(counts[ReferenceKind.USE], "use")
    lines = [f"{brief(name)}: {defined}, {used} in {_counted(found.files, 'file')}, matched by name, not by type."]
    further = [
        f"{counts[kind]:,} {text}"
        for kind, text in (
            (ReferenceKind.OTHER, "that are probably something else with this name"),
            (ReferenceKind.MENTION, "in comments, strings and documents"),
        )
        if counts[kind]
    ]
    if further:
        lines.append(f"Lines listed last: {', '.join(further)}.")
    if len(found.defined) > 1:
        shown = ", ".join(map(brief, found.defined[:_MAX_NAMED]))
        lines.append(f"For one of the definitions, ask for its full name: {shown}.")
    if found.unparsed:
        lines.append(f"{_counted(found.unparsed, 'file')} could not be parsed and may include comments and strings.")
    return lines


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _place(items: Sequence[Reference], reader: Reader) -> Place:
    first = items[0]
    role = role_of(first.path)
    kind = _ROLES.get(first.kind) or ("" if role is Role.CODE else role.label.replace("_", " "))
    named = dict.fromkeys(item.symbol for item in items if item.symbol)
    is_definition = first.kind is ReferenceKind.DEFINITION
    shown = ", ".join(list(named)[:_MAX_NAMED])
    lines = [item.line for item in items]
    text = reader.text(first.root, first.path)
    source = () if isinstance(text, Skipped) else text.lines
    quote = partial(_quote, tuple(line for line in lines if line < len(source)), source)
    return Place(
        first.path,
        first.line,
        first.line + 1,
        shown if is_definition else f"in {shown}" if shown else "",
        kind,
        _numbered(lines),
        quote=None if first.kind is ReferenceKind.MENTION else quote,
    )


def _numbered(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return ""
    numbers = ", ".join(str(line + 1) for line in lines[:_MAX_NUMBERS])
    return f"lines {numbers}{', …' if len(lines) > _MAX_NUMBERS else ''}"


def _quote(numbers: Sequence[int], source: Sequence[str], count: int) -> tuple[Run, ...]:
    """Return the lines, of which those that follow each other are one run."""
    runs: list[Run] = []
    for number in numbers[:count]:
        line = shown_line(source[number])
        if runs and runs[-1].end == number:
            runs[-1] = Run(runs[-1].start, (*runs[-1].lines, line))
        else:
            runs.append(Run(number, (line,)))
    return tuple(runs)
