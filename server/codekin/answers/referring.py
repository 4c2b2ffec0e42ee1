"""The uses of a name as places, one for each file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from codekin.answers.current import Reader
from codekin.answers.excerpts import Run, shown_line
from codekin.answers.packing import Place
from codekin.domain.roles import Role
from codekin.domain.values import Skipped
from codekin.searching import Reference
from codekin.searching.snapshot.roles import role_of

_MAX_NAMED = 6


def reference_places(found: Sequence[Reference], reader: Reader) -> list[Place]:
    """Return a place for the definitions and one for the uses in each file, in their order."""
    grouped = groupby(found, key=lambda item: (item.is_definition, item.path))
    return [_place(list(items), reader) for _, items in grouped]


def _place(items: Sequence[Reference], reader: Reader) -> Place:
    first = items[0]
    role = role_of(first.path)
    kind = "definition" if first.is_definition else "" if role is Role.CODE else role.label.replace("_", " ")
    named = dict.fromkeys(item.symbol for item in items if item.symbol)
    lines = [item.line for item in items]
    text = reader.text(first.root, first.path)
    source = () if isinstance(text, Skipped) else text.lines
    return Place(
        first.path,
        first.line,
        first.line + 1,
        "" if first.is_definition else f"in {', '.join(list(named)[:_MAX_NAMED])}" if named else "",
        kind,
        f"{len(items):,} lines" if len(items) > 1 else "",
        quote=partial(_quote, tuple(line for line in lines if line < len(source)), source),
    )


def _quote(numbers: Sequence[int], source: Sequence[str], count: int) -> tuple[Run, ...]:
    return tuple(Run(number, (shown_line(source[number]),)) for number in numbers[:count])
